package rtorrent

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// maxHeader bounds the header of an answer.
const maxHeader = 16 << 10

// scgi speaks SCGI as rtorrent does: a request is a netstring of headers and a
// body, the answer looks like that of a CGI program, and the connection is then
// at its end.
type scgi struct{ at endpoint }

func (scgi) close() {}

func (s scgi) exchange(ctx context.Context, body []byte, limit int64) ([]byte, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, s.at.network, s.at.address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	headers := "CONTENT_LENGTH\x00" + strconv.Itoa(len(body)) + "\x00SCGI\x001\x00REQUEST_METHOD\x00POST\x00CONTENT_TYPE\x00text/xml\x00"
	request := fmt.Appendf(nil, "%d:%s,", len(headers), headers)
	if _, err := conn.Write(append(request, body...)); err != nil {
		return nil, err
	}
	answer, err := readSCGI(conn, limit)
	if err != nil && errors.Is(err, net.ErrClosed) && ctx.Err() != nil {
		err = ctx.Err()
	}
	return answer, err
}

// readSCGI reads an answer, headers first.
func readSCGI(from io.Reader, limit int64) ([]byte, error) {
	header := &io.LimitedReader{R: from, N: maxHeader}
	reader := bufio.NewReaderSize(header, 4<<10)
	status, length := "", int64(-1)
	for {
		line, err := textproto.NewReader(reader).ReadLine()
		if err != nil {
			if errors.Is(err, io.EOF) && header.N == 0 {
				return nil, nonsense(malformed("a header without end"))
			}
			return nil, err
		}
		if line == "" {
			break
		}
		name, text, found := strings.Cut(line, ":")
		if !found {
			return nil, nonsense(malformed("no header"))
		}
		switch text = strings.TrimSpace(text); strings.ToLower(name) {
		case "status":
			status = text
		case "content-length":
			if length, err = strconv.ParseInt(text, 10, 64); err != nil || length < 0 {
				return nil, nonsense(malformed("a length that is none"))
			}
		}
	}
	if status != "" && !strings.HasPrefix(status, "200") {
		return nil, domain.Unavailable(nil, "rtorrent answered %s: is the address that of its SCGI port?", shorten(status))
	}
	if length > limit {
		return nil, tooLarge(limit)
	}
	header.N = limit + maxHeader
	return readBody(reader, length, limit)
}
