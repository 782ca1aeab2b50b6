package rtorrent

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// call is one method with its parameters: texts, numbers and, as the last thing
// that is ever needed, bytes.
type call struct {
	method string
	params []any
}

// command is a call that acts on the daemon: its first parameter is a target,
// which is then none.
func command(method string, params ...any) call {
	return call{method, append([]any{""}, params...)}
}

// encode writes a call as XML-RPC wants it.
func (c call) encode() []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><methodCall><methodName>` + c.method + `</methodName><params>`)
	for _, param := range c.params {
		b.WriteString("<param>")
		encodeValue(&b, param)
		b.WriteString("</param>")
	}
	b.WriteString("</params></methodCall>")
	return []byte(b.String())
}

// together makes one call of many, which the daemon answers in order.
func together(calls []call) call {
	return call{"system.multicall", []any{calls}}
}

// encodeInto writes a call as one of several.
func (c call) encodeInto(b *strings.Builder) {
	b.WriteString("<value><struct><member><name>methodName</name><value><string>" + c.method +
		"</string></value></member><member><name>params</name><value><array><data>")
	for _, param := range c.params {
		encodeValue(b, param)
	}
	b.WriteString("</data></array></value></member></struct></value>")
}

// size is how many bytes a call takes as one of several.
func (c call) size() int {
	var b strings.Builder
	c.encodeInto(&b)
	return b.Len()
}

func encodeValue(b *strings.Builder, value any) {
	b.WriteString("<value>")
	switch v := value.(type) {
	case string:
		b.WriteString("<string>")
		_, _ = escaper.WriteString(b, v)
		b.WriteString("</string>")
	case int64:
		b.WriteString("<i8>" + strconv.FormatInt(v, 10) + "</i8>")
	case []byte:
		b.WriteString("<base64>" + base64.StdEncoding.EncodeToString(v) + "</base64>")
	case []call:
		b.WriteString("<array><data>")
		for _, c := range v {
			c.encodeInto(b)
		}
		b.WriteString("</data></array>")
	}
	b.WriteString("</value>")
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;")
