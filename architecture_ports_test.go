package architecture_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"strings"
)

const mostMethods = 5

// aPort is a port with its suite and its user; the fixtures leave one of them out, or spoil it.
const (
	aPort  = `package ports; type Clock interface { Now() int }`
	aSuite = `package portstest; func Clock() {}`
	aUser  = `package app; import "` + module + `ports"; type Clocks struct { clock ports.Clock }`
)

var portRules = []rule{
	{
		fact:       "ports holds interfaces, plain structs and error values, no logic",
		violations: each(logicInPorts),
		planted:    map[string]string{"ports/x.go": `package ports; func Default() int { return 1 }`},
		allowed: map[string]string{
			"ports/x.go":      `package ports; import "errors"; var ErrGone = errors.New("gone"); type Query struct { After int }`,
			"ports/y.go":      aPort,
			"ports/z_test.go": `package ports_test; func help() {}`,
		},
	},
	{
		fact: "a port has at most five methods",
		violations: func(files source) []string {
			var found []string
			ports := portsOf(files)
			for name, port := range ports {
				if n := methods(ports, port); n > mostMethods {
					found = append(found, fmt.Sprintf("ports.%s has %d methods", name, n))
				}
			}
			return found
		},
		planted: map[string]string{"ports/x.go": `package ports
			type Clock interface { A(); B(); C() }
			type Watch interface { Clock; D(); E(); F() }`},
		allowed: map[string]string{"ports/x.go": `package ports; type Clock interface { A(); B(); C(); D(); E() }`},
	},
	{
		fact: "every port has a contract suite of the same name",
		violations: func(files source) []string {
			suites := map[string]bool{}
			for _, f := range files {
				for _, declaration := range f.tree.Decls {
					if function, ok := declaration.(*ast.FuncDecl); ok && f.folder == "ports/portstest" && function.Recv == nil {
						suites[function.Name.Name] = true
					}
				}
			}
			var found []string
			for name := range portsOf(files) {
				if !suites[name] {
					found = append(found, fmt.Sprintf("ports.%s has no suite portstest.%s", name, name))
				}
			}
			return found
		},
		planted: map[string]string{"ports/x.go": aPort, "app/x.go": aUser},
		allowed: map[string]string{"ports/x.go": aPort, "ports/portstest/x.go": aSuite},
	},
	{
		fact: "every port is used by app",
		violations: func(files source) []string {
			var found []string
			for name := range portsOf(files) {
				used := false
				for _, f := range files {
					if !within(f.folder, "app") || f.isTest() {
						continue
					}
					for _, mentioned := range append(bundlesOf(files, name), name) {
						used = used || f.mentions(module+"ports", mentioned)
					}
				}
				if !used {
					found = append(found, fmt.Sprintf("ports.%s is used by nothing in app", name))
				}
			}
			return found
		},
		planted: map[string]string{
			"ports/x.go":    aPort,
			"app/x_test.go": aUser,
		},
		allowed: map[string]string{
			"ports/x.go": aPort, "app/x.go": aUser,
			"ports/y.go": `package ports; type Bell interface { Ring() }; type Tower struct { Bell }`,
			"app/y.go":   `package app; import "` + module + `ports"; type Towers struct { tower ports.Tower }`,
		},
	},
	{
		fact:       "every torrent client is held to the suite",
		violations: clientsWithoutSuite,
		planted: map[string]string{
			"adapters/torrentclients/aria2/aria2.go":       `package aria2`,
			"adapters/torrentclients/aria2/aria2_test.go":  `package aria2_test; import "` + module + `ports/portstest"`,
			"adapters/torrentclients/deluge/rpc/wire.go":   `package rpc`,
			"adapters/torrentclients/deluge/suite_test.go": `package deluge_test; import "` + module + `ports/portstest"; var suite = portstest.TorrentClient`,
		},
		allowed: map[string]string{"adapters/torrentclients/clients.go": `package torrentclients`},
	},
}

func logicInPorts(f file) []string {
	if f.folder != "ports" || f.isTest() {
		return nil
	}
	var found []string
	complain := func(what string) { found = append(found, f.path+": "+what+" is not an interface") }
	for _, declaration := range f.tree.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			complain("func " + d.Name.Name)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					switch s.Type.(type) {
					case *ast.InterfaceType, *ast.StructType:
					default:
						complain("type " + s.Name.Name)
					}
				case *ast.ValueSpec:
					if d.Tok == token.VAR && !strings.HasPrefix(s.Names[0].Name, "Err") {
						complain("var " + s.Names[0].Name)
					}
				}
			}
		}
	}
	return found
}

// portsOf returns the exported interfaces of ports, by name.
func portsOf(files source) map[string]*ast.InterfaceType {
	found := map[string]*ast.InterfaceType{}
	for _, f := range files {
		if f.folder != "ports" || f.isTest() {
			continue
		}
		ast.Inspect(f.tree, func(node ast.Node) bool {
			spec, ok := node.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if port, ok := spec.Type.(*ast.InterfaceType); ok && spec.Name.IsExported() {
				found[spec.Name.Name] = port
			}
			return false
		})
	}
	return found
}

// bundlesOf returns the structs of ports in which a port is embedded: who uses such a one uses the port.
func bundlesOf(files source, port string) []string {
	var found []string
	for _, f := range files {
		if f.folder != "ports" || f.isTest() {
			continue
		}
		ast.Inspect(f.tree, func(node ast.Node) bool {
			spec, ok := node.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if bundle, ok := spec.Type.(*ast.StructType); ok {
				for _, field := range bundle.Fields.List {
					if embedded, ok := field.Type.(*ast.Ident); ok && len(field.Names) == 0 && embedded.Name == port {
						found = append(found, spec.Name.Name)
					}
				}
			}
			return false
		})
	}
	return found
}

// methods counts a port's methods, with those of embedded ports.
func methods(ports map[string]*ast.InterfaceType, port *ast.InterfaceType) int {
	count := 0
	for _, field := range port.Methods.List {
		if embedded, ok := field.Type.(*ast.Ident); ok && len(field.Names) == 0 && ports[embedded.Name] != nil {
			count += methods(ports, ports[embedded.Name])
			continue
		}
		count += max(1, len(field.Names))
	}
	return count
}

func clientsWithoutSuite(files source) []string {
	const clients = "adapters/torrentclients/"
	held := map[string]bool{}
	for _, f := range files {
		below, ok := strings.CutPrefix(f.folder, clients)
		if !ok {
			continue
		}
		client, _, _ := strings.Cut(below, "/")
		held[client] = held[client] || f.isTest() && f.mentions(module+"ports/portstest", "TorrentClient")
	}
	var found []string
	for client, ok := range held {
		if !ok {
			found = append(found, path.Join(clients, client)+": its tests do not run portstest.TorrentClient")
		}
	}
	return found
}
