package domain

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Folders are in the file system of a client, which may be on another machine and
// of another kind: they are compared as texts, with either separator, and links in
// them are not followed.

const (
	maxFolderLength = 1000
	// MostFolders is how many a server may allow.
	MostFolders = 100
)

// ParseFolder reads a folder's absolute path and returns it without what says
// nothing. Errors are of KindInvalid and name field.
func ParseFolder(field, text string) (string, error) {
	drive, rest := splitDrive(text)
	switch {
	case text != CleanText(text) || !utf8.ValidString(text):
		return "", Invalid(field, "must be plain text without control characters")
	case utf8.RuneCountInString(text) > maxFolderLength:
		return "", Invalid(field, "must not be longer than %d characters", maxFolderLength)
	case !strings.HasPrefix(rest, "/") && (drive == "" || !strings.HasPrefix(rest, `\`)):
		return "", Invalid(field, `must be an absolute path like /srv/downloads, or C:\Downloads`)
	}
	separator := rest[:1]
	var elements []string
	for element := range strings.FieldsFuncSeq(rest, isSeparator(drive)) {
		switch element {
		case ".":
		case "..":
			return "", Invalid(field, "must not lead back by ..")
		default:
			elements = append(elements, element)
		}
	}
	folder := drive + separator + strings.Join(elements, separator)
	if folder != CleanText(folder) {
		return "", Invalid(field, "must not end with a blank")
	}
	return folder, nil
}

// splitDrive takes the drive off a Windows path.
func splitDrive(path string) (drive, rest string) {
	if len(path) >= 2 && path[1] == ':' && strings.Contains(letters, path[:1]) {
		return path[:2], path[2:]
	}
	return "", path
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// isSeparator tells what separates the elements of a path: on Windows either slash
// does, elsewhere a backslash is a letter.
func isSeparator(drive string) func(rune) bool {
	return func(r rune) bool { return r == '/' || drive != "" && r == '\\' }
}

// AllowsFolder reports whether a torrent of the server may be put into a folder,
// which ParseFolder has returned.
func (s Server) AllowsFolder(folder string) bool {
	folder = withSlashes(folder)
	return slices.ContainsFunc(s.Folders, func(allowed string) bool {
		inside, below := strings.CutPrefix(folder, strings.TrimSuffix(withSlashes(allowed), "/"))
		return below && (inside == "" || inside[0] == '/')
	})
}

// withSlashes makes the separators of a Windows path comparable.
func withSlashes(path string) string {
	if drive, rest := splitDrive(path); drive != "" {
		return drive + strings.ReplaceAll(rest, `\`, "/")
	}
	return path
}

// parseFolders reads the folders that a server allows.
func parseFolders(texts []string) ([]string, error) {
	if len(texts) > MostFolders {
		return nil, Invalid("folders", "must not be more than %d", MostFolders)
	}
	var folders []string
	for _, text := range texts {
		folder, err := ParseFolder("folders", text)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	return folders, nil
}
