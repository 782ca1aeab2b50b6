package rtorrent

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// Call makes one call and returns the texts and numbers of its answer, one per line: for looking at a daemon past the code
// under test. A refusal fails the test. Parameters are strings, or bytes.
func (d *Daemon) Call(t testing.TB, method string, params ...any) string {
	t.Helper()
	answer, err := d.call(t.Context(), method, params...)
	if err != nil {
		t.Fatalf("rtorrent %s: %v", d.version, err)
	}
	return answer
}

func (d *Daemon) call(ctx context.Context, method string, params ...any) (string, error) {
	var b strings.Builder
	b.WriteString("<methodCall><methodName>" + method + "</methodName><params>")
	for _, param := range params {
		b.WriteString("<param><value>")
		switch p := param.(type) {
		case []byte:
			b.WriteString("<base64>" + base64.StdEncoding.EncodeToString(p) + "</base64>")
		default:
			b.WriteString("<string>")
			if err := xml.EscapeText(&b, []byte(fmt.Sprint(p))); err != nil {
				return "", err
			}
			b.WriteString("</string>")
		}
		b.WriteString("</value></param>")
	}
	b.WriteString("</params></methodCall>")
	answer, err := d.exchange(ctx, []byte(b.String()))
	if err != nil {
		return "", fmt.Errorf("%s: %w", method, err)
	}
	return texts(method, answer)
}

// exchange sends one request as SCGI has it and returns the body of the answer.
func (d *Daemon) exchange(ctx context.Context, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	network, address := "tcp", d.Address()
	if d.settings.socket {
		network, address = "unix", d.socket()
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	headers := fmt.Sprintf("CONTENT_LENGTH\x00%d\x00SCGI\x001\x00", len(body))
	if _, err := fmt.Fprintf(conn, "%d:%s,%s", len(headers), headers, body); err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		return nil, err
	}
	_, content, found := bytes.Cut(answer, []byte("\r\n\r\n"))
	if !found {
		return nil, errors.New("no answer")
	}
	return content, nil
}

// texts are the leaves of an answer.
func texts(method string, answer []byte) (string, error) {
	var leaves []string
	failed, leaf := false, ""
	decoder := xml.NewDecoder(bytes.NewReader(answer))
	for {
		token, err := decoder.Token()
		switch {
		case errors.Is(err, io.EOF) && failed:
			return "", fmt.Errorf("%s: %s", method, strings.Join(leaves, " "))
		case errors.Is(err, io.EOF):
			return strings.Join(leaves, "\n"), nil
		case err != nil:
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			failed = failed || token.Name.Local == "fault"
			leaf = ""
		case xml.CharData:
			leaf += string(token)
		case xml.EndElement:
			switch token.Name.Local {
			case "string", "i4", "i8", "int":
				leaves = append(leaves, leaf)
			}
		}
	}
}
