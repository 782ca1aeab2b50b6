// Command fanout is a server with very many subscribers, whose memory can be told
// apart from theirs: the product's GraphQL door, or the least that could write the
// same to as many websockets. It obeys lines on its standard input:
//
//	cost    answers with the bytes of heap and stack in use, and the goroutines
//	tell    lets something happen, and answers with when (Unix time in nanoseconds)
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// server is what has subscribers.
type server interface {
	http.Handler
	// tell lets all subscribers be told something, and returns from when on they
	// can be.
	tell() (time.Time, error)
}

// run serves until the standard input ends.
func run(args []string, stdin io.Reader, stdout io.Writer) error {
	var (
		s   server
		err error
	)
	switch {
	case len(args) == 3 && args[0] == "product":
		s, err = openProduct(context.Background(), args[1], args[2])
	case len(args) == 2 && args[0] == "floor":
		s = newFloor([]byte(args[1]))
	default:
		return errors.New("usage: fanout product FILE TOKEN | fanout floor MESSAGE")
	}
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() { _ = (&http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}).Serve(listener) }()
	fmt.Fprintln(stdout, listener.Addr())
	return obey(s, stdin, stdout)
}

func obey(s server, stdin io.Reader, stdout io.Writer) error {
	for lines := bufio.NewScanner(stdin); lines.Scan(); {
		switch lines.Text() {
		case "cost":
			bytes, goroutines := cost()
			fmt.Fprintln(stdout, bytes, goroutines)
		case "tell":
			at, err := s.tell()
			if err != nil {
				return err
			}
			fmt.Fprintln(stdout, at.UnixNano())
		default:
			return fmt.Errorf("%q is none of: cost, tell", lines.Text())
		}
	}
	return nil
}

// cost is the memory that is in use when all that can be freed has been.
func cost() (bytes uint64, goroutines int) {
	for range 4 { // stacks shrink by half at a time
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse, runtime.NumGoroutine()
}
