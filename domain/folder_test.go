package domain_test

import (
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

func TestParseFolder(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"/": "/", "/srv": "/srv", "/srv/films/": "/srv/films", "//srv//./films/.": "/srv/films", "/srv/ünï x": "/srv/ünï x",
		`/srv\..`: `/srv\..`, "/srv/..hidden/...": "/srv/..hidden/...",
		`C:\`: `C:\`, `c:\Films\\new\`: `c:\Films\new`, "D:/Films": "D:/Films",
	} {
		if got, err := domain.ParseFolder("folder", text); err != nil || got != want {
			t.Errorf("%q is %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "srv", "./srv", "~/films", "/srv/../etc", "/..", "C:", "C:films", `C:\films\..\x`, "C:/a/..", `\\host\share`, `1:\x`,
		"/a\x00b", "/a\nb", "/srv ", " /srv", "\xff", "/" + strings.Repeat("x", 1000),
	} {
		_, err := domain.ParseFolder("folder", text)
		isInvalid(t, err, "folder")
	}
}

func FuzzParseFolder(f *testing.F) {
	for _, text := range []string{"/", "/srv/films/../x", `C:\a\`, "c:/a//b/.", "//", "/\x00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		folder, err := domain.ParseFolder("folder", text)
		if err != nil {
			isInvalid(t, err, "folder")
			return
		}
		again, err := domain.ParseFolder("folder", folder)
		if err != nil || again != folder || strings.Contains(folder+"/", "/../") || !(domain.Server{Folders: []string{folder}}).AllowsFolder(folder) {
			t.Errorf("%q is %q, and that %q, %v", text, folder, again, err)
		}
	})
}

func TestAllowedFolders(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	if server.AllowsFolder("/srv") || server.AllowsFolder("/") {
		t.Error("a server that says nothing allows a folder")
	}
	if err := server.SetFolders([]string{"/srv/films/", "/srv/films", `D:\Films`}, later); err != nil || len(server.Folders) != 2 || server.UpdatedAt != domain.Instant(later) {
		t.Fatal(server.Folders, err)
	}
	for folder, allowed := range map[string]bool{
		"/srv/films": true, "/srv/films/new/a": true, "/srv": false, "/srv/films2": false, "/": false, `/srv/films\x`: false,
		`D:\Films`: true, `D:\Films\new`: true, "D:/Films/new": true, `D:\Films2`: false, `D:\`: false, `E:\Films`: false,
	} {
		if server.AllowsFolder(folder) != allowed {
			t.Errorf("%s: it is the other way round", folder)
		}
	}
	for _, root := range []string{"/", `C:\`} {
		if err := server.SetFolders([]string{root}, later); err != nil {
			t.Fatal(err)
		}
		if !server.AllowsFolder(root) || !server.AllowsFolder(root+"x") || server.AllowsFolder(`Q:\x`) {
			t.Errorf("below %s", root)
		}
	}
	isInvalid(t, server.SetFolders([]string{"/srv", "../etc"}, later), "folders")
	isInvalid(t, server.SetFolders(make([]string, domain.MostFolders+1), later), "folders")
	if len(server.Folders) != 1 {
		t.Error("something was changed")
	}
	if err := server.SetFolders(nil, later); err != nil || server.Folders != nil {
		t.Error(server.Folders, err)
	}
}
