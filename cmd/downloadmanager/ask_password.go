package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// askPassword reads a line: of a person at a terminal unseen and after a prompt,
// else of whatever the input is. It is never an argument, since others can read
// those.
func askPassword(s *session) (string, error) {
	if isTerminal(s.stdin) {
		fmt.Fprint(s.stderr, "New password: ")
		defer fmt.Fprintln(s.stderr)
		defer hideInput(s.stdin)()
	}
	type answer struct {
		line string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		line, err := readLine(s.stdin)
		answers <- answer{line, err}
	}()
	select {
	case a := <-answers:
		if a.err == nil && a.line == "" {
			return "", errors.New("no password was given")
		}
		return a.line, a.err
	case <-s.ctx.Done(): // Ctrl-C: the terminal must show input again
		return "", s.ctx.Err()
	}
}

// readLine reads up to the end of the line, and nothing behind it.
func readLine(r io.Reader) (string, error) {
	var line []byte
	one := make([]byte, 1)
	for {
		n, err := r.Read(one)
		if n == 1 && one[0] != '\n' {
			line = append(line, one[0])
		}
		if (n == 1 && one[0] == '\n') || errors.Is(err, io.EOF) {
			return strings.TrimSuffix(string(line), "\r"), nil
		}
		if err != nil {
			return "", err
		}
	}
}
