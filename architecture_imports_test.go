package architecture_test

import (
	"fmt"
	"slices"
	"strings"
)

var importRules = []rule{
	{
		fact: "every package has a room in the import table",
		violations: each(func(f file) []string {
			if _, ok := roomOf(f.folder); ok || f.folder == "." && f.isTest() {
				return nil
			}
			return []string{f.path + ": package " + f.folder + " is in no room of the import table"}
		}),
		planted: map[string]string{"helpers/x.go": "package helpers"},
		allowed: map[string]string{"domain/x.go": "package domain", "some_test.go": "package some_test"},
	},
	{
		fact:       "a room imports only the rooms it may",
		violations: each(foreignRooms),
		planted:    map[string]string{"app/x.go": `package app; import _ "` + module + `adapters/database"`},
		allowed: map[string]string{
			"app/x.go":               `package app; import _ "` + module + `ports"`,
			"app/x_test.go":          `package app_test; import _ "` + module + `adapters/memory"`,
			"graph/x.go":             `package graph; import _ "` + module + `graph/scalar"`,
			"adapters/rest/sub/x.go": `package sub; import _ "` + module + `app"`,
		},
	},
	{
		fact:       "no adapter imports a sibling",
		violations: each(foreignRooms),
		planted:    map[string]string{"adapters/rest/x.go": `package rest; import _ "` + module + `adapters/auth"`},
		allowed:    map[string]string{"adapters/database/x.go": `package database; import _ "` + module + `migrations"`},
	},
	{
		fact:       "no torrent client imports another",
		violations: each(foreignRooms),
		planted: map[string]string{
			"adapters/torrentclients/aria2/x.go": `package aria2; import _ "` + module + `adapters/torrentclients/deluge"`,
		},
		allowed: map[string]string{
			"adapters/torrentclients/x.go":           `package torrentclients; import _ "` + module + `adapters/torrentclients/deluge"`,
			"adapters/torrentclients/aria2/rpc/x.go": `package rpc; import _ "` + module + `adapters/torrentclients/aria2/wire"`,
			"adapters/torrentclients/aria2/x.go":     `package aria2; import _ "` + module + `internal/jsonscan"`,
		},
	},
	{
		fact: "nobody imports cmd or bench",
		violations: each(func(f file) []string {
			return f.complain("is imported by nobody", func(imported string) bool {
				folder, ok := ours(imported)
				return ok && (within(folder, "cmd") || within(folder, "bench")) && !within(folder, f.folder)
			})
		}),
		planted: map[string]string{"app/x_test.go": `package app; import _ "` + module + `cmd/downloadmanager"`},
		allowed: map[string]string{"cmd/x/x.go": `package main; import _ "` + module + `app"`},
	},
	{
		fact: "only tests import the test kit and the contract suites",
		violations: each(func(f file) []string {
			if !f.isCode() {
				return nil
			}
			return f.complain("is for tests", func(imported string) bool {
				folder, ok := ours(imported)
				return imported == "testing" || strings.HasPrefix(imported, "testing/") ||
					ok && (within(folder, "internal/testkit") || within(folder, "ports/portstest"))
			})
		}),
		planted: map[string]string{"cmd/x/x.go": `package main; import _ "` + module + `internal/testkit/seeder"`},
		allowed: map[string]string{"cmd/x/x_test.go": `package main; import _ "` + module + `internal/testkit/seeder"`},
	},
	{
		fact: "the inner rooms import only the libraries they may",
		violations: each(func(f file) []string {
			r, _ := roomOf(f.folder)
			if f.isTest() || r.libraries == nil {
				return nil
			}
			return f.complain("is no library of "+r.path, func(imported string) bool {
				_, our := ours(imported)
				return !our && !isStandard(imported) && !slices.ContainsFunc(r.libraries, func(library string) bool {
					return within(imported, library)
				})
			})
		}),
		planted: map[string]string{"domain/x.go": `package domain; import _ "github.com/uptrace/bun"`},
		allowed: map[string]string{"domain/x.go": `package domain; import (_ "github.com/google/uuid"; _ "net/url")`},
	},
	{
		fact: "a library that has a room stays in it",
		violations: each(func(f file) []string {
			return f.complain("is kept in another room", func(imported string) bool {
				for library, rooms := range libraries {
					if within(imported, library) && !slices.ContainsFunc(rooms, func(room string) bool {
						return within(f.folder, room)
					}) {
						return true
					}
				}
				return false
			})
		}),
		planted: map[string]string{"adapters/rest/x.go": `package rest; import _ "github.com/uptrace/bun/schema"`},
		allowed: map[string]string{"adapters/scheduler/x.go": `package scheduler; import _ "github.com/go-co-op/gocron/v2"`},
	},
}

// foreignRooms finds imports that the table does not allow.
func foreignRooms(f file) []string {
	r, ok := roomOf(f.folder)
	if !ok || f.isTest() {
		return nil
	}
	return f.complain("may not be imported by "+r.path, func(imported string) bool {
		folder, ok := ours(imported)
		if !ok {
			return false
		}
		// Within the same room. Of rooms that are many (x/*), the same one.
		depth := strings.Count(r.path, "/") + 1
		theirs, _ := roomOf(folder)
		if theirs.path == r.path && strings.HasPrefix(folder+"/", firstElements(f.folder, depth)+"/") {
			return false
		}
		return !slices.ContainsFunc(r.rooms, func(allowed string) bool {
			if above, deep := strings.CutSuffix(allowed, "/..."); deep {
				return within(folder, above)
			}
			return folder == allowed
		})
	})
}

func firstElements(folder string, n int) string {
	return strings.Join(strings.Split(folder, "/")[:n], "/")
}

// complain lists the imports that are wrong.
func (f file) complain(reason string, wrong func(imported string) bool) []string {
	var found []string
	for _, imported := range f.imports() {
		if wrong(imported) {
			found = append(found, fmt.Sprintf("%s: %s %s", f.path, imported, reason))
		}
	}
	return found
}
