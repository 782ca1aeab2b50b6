package deluge

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"testing"
	"time"
)

// call makes one request on a connection of its own and returns its answer.
func (d *Daemon) call(ctx context.Context, method string, arguments ...any) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
	conn, err := dialer.DialContext(ctx, "tcp", d.Address())
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	login := []any{1, "daemon.login", []any{d.settings.user, d.settings.password}, map[string]any{"client_version": string(d.version)}}
	if _, err := exchange(conn, login); err != nil {
		return nil, fmt.Errorf("login: %w", err)
	}
	return exchange(conn, []any{2, method, append([]any{}, arguments...), map[string]any{}})
}

// exchange sends one request and reads one answer.
func exchange(conn io.ReadWriter, request []any) (any, error) {
	var body bytes.Buffer
	deflate := zlib.NewWriter(&body)
	_, _ = deflate.Write(encode(nil, []any{request})) // to memory
	_ = deflate.Close()
	message := append([]byte{1}, binary.BigEndian.AppendUint32(nil, uint32(body.Len()))...)
	if _, err := conn.Write(append(message, body.Bytes()...)); err != nil {
		return nil, err
	}
	header := make([]byte, 5)
	if _, err := io.ReadFull(conn, header); err != nil {
		return nil, err
	}
	answer := make([]byte, binary.BigEndian.Uint32(header[1:]))
	if _, err := io.ReadFull(conn, answer); err != nil {
		return nil, err
	}
	inflate, err := zlib.NewReader(bytes.NewReader(answer))
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(inflate)
	if err != nil {
		return nil, err
	}
	value, _, err := decode(plain)
	if err != nil {
		return nil, err
	}
	if list, ok := value.([]any); ok && len(list) == 3 && list[0] == 1 {
		return list[2], nil
	}
	return nil, fmt.Errorf("%s: %v", request[1], value)
}

// RPC makes one call and returns its answer: made of nil, bool, int, float64, string, []any and map[string]any. A refusal
// fails the test.
func (d *Daemon) RPC(t testing.TB, method string, arguments ...any) any {
	t.Helper()
	answer, err := d.call(t.Context(), method, arguments...)
	if err != nil {
		t.Fatalf("deluge %s: %v", d.version, err)
	}
	return answer
}
