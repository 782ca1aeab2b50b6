package rtorrent_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/torrentclients/rtorrent"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// raw says just that.
func raw(text string) answerer {
	return func(_ context.Context, w io.Writer) { _, _ = io.WriteString(w, text) }
}

// says answers with a body, as a daemon does.
func says(body string) answerer {
	return raw(fmt.Sprintf("Status: 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
}

// value answers with a value.
func value(inside string) answerer {
	return says("<?xml version=\"1.0\"?><methodResponse><params><param><value>" + inside + "</value></param></params></methodResponse>")
}

// hang says something, and nothing more until the other side has gone.
func hang(before string) answerer {
	return func(ctx context.Context, w io.Writer) {
		_, _ = io.WriteString(w, before)
		<-ctx.Done()
	}
}

func drip(ctx context.Context, w io.Writer) {
	_, _ = io.WriteString(w, "Status: 200 OK\r\n\r\n")
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			_, _ = io.WriteString(w, " ")
		}
	}
}

// endless repeats a text behind another.
func endless(before, text string) answerer {
	piece := strings.Repeat(text, 1<<20/len(text))
	return func(_ context.Context, w io.Writer) {
		_, err := io.WriteString(w, before)
		for err == nil {
			_, err = io.WriteString(w, piece)
		}
	}
}

const (
	anyValue  = "<string>x</string>"
	begin     = "<methodResponse><params><param><value><array><data>"
	faultOf   = "<methodResponse><fault><value><struct><member><name>faultCode</name><value><i4>%d</i4></value></member>" + "<member><name>faultString</name><value><string>%s</string></value></member></struct></value></fault></methodResponse>"
	xmlHeader = "Status: 200 OK\r\nContent-Type: text/xml\r\n\r\n"
)

// lies are answers that no daemon gives, with what the error says of them.
func lies() map[string]struct {
	answer answerer
	says   string
} {
	return map[string]struct {
		answer answerer
		says   string
	}{
		"hangs":                      {hang(""), "in time"},
		"hangs in its header":        {hang("Status: 200"), "in time"},
		"hangs in the middle":        {hang(xmlHeader + begin), "in time"},
		"drips":                      {drip, "in time"},
		"says nothing":               {raw(""), "broke off"},
		"says no more than headers":  {raw(xmlHeader), "not as rtorrent does"},
		"says garbage":               {raw("\x00\xff\xfe garbage\n\n"), "not as rtorrent does"},
		"speaks HTTP":                {raw("HTTP/1.1 400 Bad Request\r\n\r\n"), "not as rtorrent does"},
		"says a page":                {says("<!doctype html><title>Router</title>"), "not as rtorrent does"},
		"says JSON":                  {says(`{"result":"success"}`), "not as rtorrent does"},
		"says half of it":            {says(begin), "not as rtorrent does"},
		"says more than its length":  {raw("Content-Length: 3\r\n\r\n" + begin), "not as rtorrent does"},
		"says a length below zero":   {raw("Content-Length: -3\r\n\r\n" + begin), "not as rtorrent does"},
		"says a huge length":         {raw("Content-Length: 99999999999\r\n\r\n"), "larger than"},
		"nests without end":          {says("<methodResponse><params><param>" + strings.Repeat("<value><array><data>", 50_000)), "not as rtorrent does"},
		"has entities":               {says(`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><methodResponse><params><param><value>&b;</value></param></params></methodResponse>`), "not as rtorrent does"},
		"answers 500":                {raw("Status: 500 Internal\r\n\r\nno"), "500"},
		"breaks off":                 {raw("Content-Length: 1000\r\n\r\n" + begin), "broke off"},
		"sends headers without end":  {endless("", "X-Header: x\r\n"), "not as rtorrent does"},
		"sends a line without end":   {endless("Status: ", "2"), "not as rtorrent does"},
		"knows no method":            {says(fmt.Sprintf(faultOf, -506, "Method not defined")), "Method not defined"},
		"refuses everything":         {says(fmt.Sprintf(faultOf, -503, "no")), "no"},
		"faults without code":        {says("<methodResponse><fault><value>no</value></fault></methodResponse>"), "not as rtorrent does"},
		"answers with a text":        {value(anyValue), ""},
		"answers with a number":      {value("<i8>5</i8>"), ""},
		"answers with an empty list": {value("<array><data></data></array>"), ""},
	}
}

func TestLiesAreToldAndBounded(t *testing.T) {
	t.Parallel()
	for name, lie := range lies() {
		t.Run("a daemon that "+name, func(t *testing.T) {
			t.Parallel()
			told(t, fake(t, lie.answer), lie.says)
		})
	}
}

// told proves that every call fails, soon, and says why.
func told(t *testing.T, address, why string) {
	t.Helper()
	patience := time.Minute // whatever else the machine is doing
	if why == "in time" {
		patience = 300 * time.Millisecond
	}
	client := open(t, address, domain.Credentials{Username: "user", Password: "hidden"}, rtorrent.WithTimeout(patience))
	for method, call := range calls(t, client) {
		begun := time.Now()
		err := call(t.Context())
		if domain.KindOf(err) != domain.KindUnavailable || err == nil {
			t.Errorf("%s: error %v; want one of kind %s", method, err, domain.KindUnavailable)
			continue
		}
		if message := domain.MessageOf(err); !strings.Contains(message, why) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: message %q; want it to tell of %q", method, message, why)
		}
		if took := time.Since(begun); took > 20*time.Second {
			t.Errorf("%s took %s", method, took)
		}
	}
}

func TestLiesOfAWebServer(t *testing.T) {
	t.Parallel()
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://elsewhere.example/")
			w.WriteHeader(code)
			_, _ = io.WriteString(w, "<h1>hidden</h1>")
		}
	}
	for name, lie := range map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"answers 401":   {status(401), "wrong username or password"},
		"answers 403":   {status(403), "403"},
		"answers 404":   {status(404), "404"},
		"answers 413":   {status(413), "size"},
		"answers 502":   {status(502), "502"},
		"redirects":     {status(301), "redirects"},
		"says a page":   {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, "not as rtorrent does"},
		"says nothing":  {func(http.ResponseWriter, *http.Request) {}, "not as rtorrent does"},
		"hangs up":      {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "broke off"},
		"hangs":         {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "in time"},
		"says too much": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "99999999999") }, "larger than"},
	} {
		t.Run("a web server that "+name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // else the server does not notice who has gone
				lie.answer(w, r)
			}))
			defer server.Close()
			told(t, server.URL, lie.says)
		})
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	for _, address := range []string{address, "http://" + address, "unix:///nowhere/rtorrent.sock"} {
		told(t, address, "cannot reach rtorrent at "+strings.TrimPrefix(strings.TrimPrefix(address, "http://"), "unix://"))
	}
}

// A row of a torrent, and the answer to a check with it.
func TestAListOfTheWrongShapeIsTold(t *testing.T) {
	t.Parallel()
	one := func(inside string) string {
		return "<value><array><data><value>" + inside + "</value></data></array></value>"
	}
	good := strings.Repeat("AB", 20) + ":0:1:1:1:0:0:0:9:9:1:9:3:6:0:1:2:3:4:7::"
	row := func(numbers string) string {
		return "<array><data><value><array><data><value>" + numbers + "</value><value>n</value><value>m</value></data></array></value></data></array>"
	}
	check := func(size, list string) string {
		return "<array><data>" + one("<i4>0</i4>") + one("mark") + one(size) + one(list) + "</data></array>"
	}
	ask := func(inside string) error {
		var client ports.TorrentClient = open(t, fake(t, value(inside)), domain.Credentials{})
		_, err := client.Transfers(t.Context(), []domain.InfoHash{numbered(t, 1)})
		return err
	}
	if err := ask(check("<i8>1</i8>", row(good))); err != nil {
		t.Fatal(err)
	}
	for name, inside := range map[string]string{
		"no list":                check("<i8>1</i8>", "<i8>5</i8>"),
		"numbers in it":          check("<i8>1</i8>", "<array><data><value><i8>5</i8></value></data></array>"),
		"a row that is short":    check("<i8>1</i8>", strings.ReplaceAll(row(good), "<value>m</value>", "")),
		"a row without numbers":  check("<i8>1</i8>", row("")),
		"a size below zero":      check("<i8>1</i8>", row(strings.Replace(good, ":9:9:", ":-9:9:", 1))),
		"no number of torrents":  check("<array><data></data></array>", row(good)),
		"fewer answers":          "<array><data>" + one("<i4>0</i4>") + "</data></array>",
		"answers that are texts": "<array><data><value>a</value><value>b</value><value>c</value><value>d</value></data></array>",
	} {
		if err := ask(inside); domain.KindOf(err) != domain.KindUnavailable || err == nil {
			t.Errorf("%s: error %v; want one of kind %s", name, err, domain.KindUnavailable)
		}
	}
}
