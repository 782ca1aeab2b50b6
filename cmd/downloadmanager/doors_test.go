package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// openDoors serves handler and returns where. What is logged is in text, which may be
// read when the doors are closed.
func openDoors(t *testing.T, handler http.HandlerFunc) (d *doors, address string, text *bytes.Buffer) {
	t.Helper()
	text = &bytes.Buffer{}
	d = newDoors(handler, slog.New(slog.NewTextHandler(text, nil)))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.serve(listener)
	t.Cleanup(func() { _ = d.server.Close() })
	return d, listener.Addr().String(), text
}

// request sends a request and says nothing more.
func request(t *testing.T, address, header string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\n%s\r\n", header); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestStopLeavesTimeForLaterSteps(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]string{"a request": "", "a stream": "Accept: text/event-stream\r\n"} {
		t.Run(name+" of a caller who does not read is cut off", func(t *testing.T) {
			t.Parallel()
			begun := make(chan struct{})
			d, address, log := openDoors(t, func(w http.ResponseWriter, _ *http.Request) {
				close(begun)
				for {
					if _, err := w.Write(make([]byte, 1<<20)); err != nil {
						return
					}
				}
			})
			request(t, address, header)
			<-begun
			const limit = 2 * time.Second
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			begin := time.Now()
			if err := d.stop(ctx); err != nil {
				t.Error(err)
			}
			if took := time.Since(begin); took > limit*3/4 {
				t.Errorf("took %v of %v", took, limit)
			}
			if !strings.Contains(log.String(), "cut off") {
				t.Errorf("logged %q", log)
			}
		})
	}
	t.Run("a request that is soon done is left to finish", func(t *testing.T) {
		t.Parallel()
		begun, finish := make(chan struct{}), make(chan struct{})
		d, address, log := openDoors(t, func(w http.ResponseWriter, _ *http.Request) {
			close(begun)
			<-finish
			_, _ = io.WriteString(w, "done")
		})
		conn := request(t, address, "")
		<-begun
		d.server.RegisterOnShutdown(func() { close(finish) })
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if err := d.stop(ctx); err != nil {
			t.Error(err)
		}
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if body, err := io.ReadAll(response.Body); string(body) != "done" || log.Len() > 0 {
			t.Errorf("got %q, %v; logged %q", body, err, log)
		}
	})
	t.Run("a stream that does not end is an error, in time", func(t *testing.T) {
		t.Parallel()
		begun, finish := make(chan struct{}), make(chan struct{})
		defer close(finish)
		d, address, _ := openDoors(t, func(http.ResponseWriter, *http.Request) {
			close(begun)
			<-finish
		})
		request(t, address, "Accept: text/event-stream\r\n")
		<-begun
		const limit = time.Second
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		if err := d.stop(ctx); err == nil || ctx.Err() != nil {
			t.Errorf("%v; the time that is left: %v", err, ctx.Err())
		}
	})
}

func TestStopEndsStreamsThatHaveOutlivedTheirRequests(t *testing.T) {
	t.Parallel()
	answered, last := make(chan struct{}), make(chan struct{})
	d, address, _ := openDoors(t, func(_ http.ResponseWriter, r *http.Request) {
		ctx, done := outlive(r)
		go func() {
			defer done()
			<-ctx.Done()
			<-last
		}()
		context.AfterFunc(r.Context(), func() { close(answered) })
	})
	request(t, address, "Accept: text/event-stream\r\n")
	<-answered
	stopped := make(chan error, 1)
	go func() { stopped <- d.stop(t.Context()) }()
	<-d.ended.Done()
	select {
	case err := <-stopped:
		t.Error("it was not waited for", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(last)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// What no door reads of a body, net/http reads before it answers.
func TestBodyThatNeverComes(t *testing.T) {
	t.Parallel()
	d := newDoors(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	d.bodyPatience = 100 * time.Millisecond
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.serve(listener)
	t.Cleanup(func() { _ = d.server.Close() })
	conn := request(t, listener.Addr().String(), "Content-Length: 100\r\n")
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal("no answer:", err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	if _, err := reader.ReadByte(); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Error("the connection stays open:", err)
	}
}
