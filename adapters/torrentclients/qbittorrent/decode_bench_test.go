package qbittorrent

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// answerOf writes the full answer of a daemon that holds n torrents, as 5.3 does.
func answerOf(n int) []byte {
	var text strings.Builder
	text.WriteString(`{"full_update":true,"rid":1,"server_state":{"free_space_on_disk":71348801536},"torrents":{`)
	for i := range n {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `"%040x":{"added_on":1795612723,"amount_left":1048576,"auto_tmm":false,"availability":0,"category":"","comment":"",`+
			`"completed":0,"completion_on":-1,"connections_count":0,"connections_limit":100,"content_path":"/data/Some.Torrent.Name.2024.1080p.%d",`+
			`"created_by":"","creation_date":-1,"dl_limit":0,"dlspeed":0,"download_path":"","downloaded":0,"downloaded_session":0,"eta":8640000,`+
			`"f_l_piece_prio":false,"force_start":false,"has_metadata":true,"has_other_announce_error":false,"has_tracker_error":false,`+
			`"has_tracker_warning":false,"inactive_seeding_time_limit":-2,"infohash_v1":"%040x","infohash_v2":"","last_activity":1795612723,`+
			`"magnet_uri":"magnet:?xt=urn:btih:%040x&dn=Some.Torrent.Name.2024.1080p.%d","max_inactive_seeding_time":-1,"max_ratio":-1,`+
			`"max_seeding_time":-1,"name":"Some.Torrent.Name.2024.1080p.%d","num_complete":0,"num_incomplete":0,"num_leechs":0,"num_seeds":0,`+
			`"piece_size":262144,"pieces_have":0,"pieces_num":4,"popularity":0,"priority":1,"progress":0,"ratio":0,"ratio_limit":-2,"reannounce":0,`+
			`"root_path":"","save_path":"/data","seeding_time":0,"seeding_time_limit":-2,"seen_complete":-1,"seq_dl":false,`+
			`"share_limit_action":"Default","share_limits_mode":"Default","size":1048576,"state":"stoppedDL","super_seeding":false,"tags":"",`+
			`"time_active":0,"total_size":1048576,"total_wasted":0,"tracker":"","trackers_count":0,"up_limit":0,"uploaded":0,`+
			`"uploaded_session":0,"upspeed":0}`, i+1, i, i+1, i+1, i, i)
	}
	text.WriteString(`}}`)
	return []byte(text.String())
}

func BenchmarkDecode(b *testing.B) {
	body := answerOf(5_000)
	b.Run("scanner", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			var p picture
			if err := p.update(answer{body, "session"}, time.Now()); err != nil || len(p.torrents) != 5_000 {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding/json into structs", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			var whole struct {
				Torrents map[string]struct {
					Name, State string
					V1          string `json:"infohash_v1"`
					Size        int64
					Left        int64 `json:"amount_left"`
				}
			}
			if err := json.Unmarshal(body, &whole); err != nil || len(whole.Torrents) != 5_000 {
				b.Fatal(err)
			}
		}
	})
}
