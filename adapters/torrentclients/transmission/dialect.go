package transmission

import (
	"encoding/json"
	"strconv"
	"strings"
)

// dialect is how one generation of daemons spells the RPC. The meaning is the
// same in all of them.
type dialect struct {
	// envelope wraps a method and its parameters.
	envelope func(method string, params map[string]any) any

	torrentGet, torrentAdd, torrentRemove, sessionGet, sessionStats, freeSpace string

	// recentlyActive stands in the place of ids for "what has changed".
	recentlyActive string
	// deleteLocalData is a parameter of torrentRemove.
	deleteLocalData string
	// fields are the names of what is asked about each torrent.
	fields [fieldCount]string
	// spell gives a name as legacy has it in this dialect; for what the tables above
	// do not hold.
	spell func(name string) string
}

// field is what we ask about a torrent.
type field int

const (
	fieldHash field = iota
	fieldID
	fieldName
	fieldStatus
	fieldError
	fieldErrorString
	fieldMetadata
	fieldSize
	fieldLeft
	fieldDoneDate
	fieldDownloadRate
	fieldUploadRate
	fieldETA
	fieldPeers
	fieldRatio
	fieldUploaded
	// What follows is asked for lists of everything only.
	fieldMagnet
	fieldAdded
	fieldFolder
	fieldLabels
	fieldCount

	// fieldReport is how many of them make a report.
	fieldReport = fieldMagnet
)

// legacy is spoken by every daemon up to and including 4.x.
var legacy = &dialect{
	envelope: func(method string, params map[string]any) any {
		return map[string]any{"method": method, "arguments": params}
	},
	torrentGet: "torrent-get", torrentAdd: "torrent-add", torrentRemove: "torrent-remove",
	sessionGet: "session-get", sessionStats: "session-stats", freeSpace: "free-space",
	recentlyActive:  "recently-active",
	deleteLocalData: "delete-local-data",
	spell:           func(name string) string { return name },
	fields: [fieldCount]string{
		fieldHash: "hashString", fieldID: "id", fieldName: "name", fieldStatus: "status",
		fieldError: "error", fieldErrorString: "errorString", fieldMetadata: "metadataPercentComplete",
		fieldSize: "sizeWhenDone", fieldLeft: "leftUntilDone", fieldDoneDate: "doneDate",
		fieldDownloadRate: "rateDownload", fieldUploadRate: "rateUpload", fieldETA: "eta",
		fieldPeers: "peersConnected", fieldRatio: "uploadRatio", fieldUploaded: "uploadedEver",
		fieldMagnet: "magnetLink", fieldAdded: "addedDate", fieldFolder: "downloadDir", fieldLabels: "labels",
	},
}

// jsonRPC is JSON-RPC 2.0, spoken from 4.1 on. Names of the other dialect are
// dropped there without an error, so nothing may be shared.
var jsonRPC = &dialect{
	envelope: func(method string, params map[string]any) any {
		return map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
	},
	torrentGet: "torrent_get", torrentAdd: "torrent_add", torrentRemove: "torrent_remove",
	sessionGet: "session_get", sessionStats: "session_stats", freeSpace: "free_space",
	recentlyActive:  "recently_active",
	deleteLocalData: "delete_local_data",
	spell:           snakeCase,
	fields: [fieldCount]string{
		fieldHash: "hash_string", fieldID: "id", fieldName: "name", fieldStatus: "status",
		fieldError: "error", fieldErrorString: "error_string", fieldMetadata: "metadata_percent_complete",
		fieldSize: "size_when_done", fieldLeft: "left_until_done", fieldDoneDate: "done_date",
		fieldDownloadRate: "rate_download", fieldUploadRate: "rate_upload", fieldETA: "eta",
		fieldPeers: "peers_connected", fieldRatio: "upload_ratio", fieldUploaded: "uploaded_ever",
		fieldMagnet: "magnet_link", fieldAdded: "added_date", fieldFolder: "download_dir", fieldLabels: "labels",
	},
}

// dialectOf chooses by the X-Transmission-Rpc-Version header of the handshake.
// Other hints lie: 4.1.0~beta2 calls itself rpc-version 18 and has no JSON-RPC.
func dialectOf(version string) *dialect {
	major, _, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(major); err == nil && n >= 6 {
		return jsonRPC
	}
	return legacy
}

func (d *dialect) encode(method string, params map[string]any) []byte {
	body, err := json.Marshal(d.envelope(method, params))
	if err != nil {
		panic(err) // texts, numbers and lists of texts: always possible
	}
	return body
}

// spellAll gives the names of parameters in this dialect.
func (d *dialect) spellAll(params map[string]any) map[string]any {
	spelled := make(map[string]any, len(params))
	for name, value := range params {
		spelled[d.spell(name)] = value
	}
	return spelled
}

// snakeCase turns "filesUnwanted" and "files-unwanted" into "files_unwanted".
func snakeCase(name string) string {
	var text strings.Builder
	for _, r := range name {
		switch {
		case r == '-':
			r = '_'
		case 'A' <= r && r <= 'Z':
			text.WriteByte('_')
			r += 'a' - 'A'
		}
		text.WriteRune(r)
	}
	return text.String()
}

// column returns the field that a daemon calls name.
func (d *dialect) column(name string) (field, bool) {
	for i, known := range d.fields {
		if known == name {
			return field(i), true
		}
	}
	return 0, false
}
