package domain_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

func TestError(t *testing.T) {
	t.Parallel()
	born := map[domain.Kind]*domain.Error{
		domain.KindInvalid:         domain.Invalid("serverId", "is %d", 1),
		domain.KindNotFound:        domain.NotFound("is %d", 1),
		domain.KindConflict:        domain.Conflict("is %d", 1),
		domain.KindForbidden:       domain.Forbidden("is %d", 1),
		domain.KindUnauthenticated: domain.Unauthenticated("is %d", 1),
		domain.KindUnavailable:     domain.Unavailable(io.EOF, "is %d", 1),
		domain.KindCursorExpired:   domain.CursorExpired(1, 2),
		domain.KindInternal:        {Kind: domain.KindInternal, Message: "secret", Err: io.EOF},
	}
	t.Run("the closed set is what errors are born of", func(t *testing.T) {
		t.Parallel()
		if len(domain.Kinds()) != len(born) {
			t.Errorf("%d kinds", len(domain.Kinds()))
		}
		for _, kind := range domain.Kinds() {
			if err := born[kind]; err == nil || err.Kind != kind {
				t.Errorf("%s is born as %v", kind, err)
			}
		}
	})
	t.Run("an error is found by its kind and by no other, however deep", func(t *testing.T) {
		t.Parallel()
		for _, kind := range domain.Kinds() {
			err := fmt.Errorf("adding: %w", errors.Join(io.ErrClosedPipe, fmt.Errorf("deeper: %w", born[kind])))
			for _, other := range domain.Kinds() {
				if errors.Is(err, &domain.Error{Kind: other}) != (kind == other) {
					t.Errorf("%s is taken for %s", kind, other)
				}
			}
			if domain.KindOf(err) != kind {
				t.Errorf("%s is of kind %s", kind, domain.KindOf(err))
			}
		}
	})
	t.Run("a target with a message is found by identity only", func(t *testing.T) {
		t.Parallel()
		first, second := domain.NotFound("no torrent"), domain.NotFound("no torrent")
		if errors.Is(first, second) || !errors.Is(first, first) {
			t.Error("two errors are one")
		}
	})
	t.Run("a foreign error is internal and shows nothing", func(t *testing.T) {
		t.Parallel()
		for _, err := range []error{io.EOF, errors.New("password is 1234"), born[domain.KindInternal]} {
			if domain.KindOf(err) != domain.KindInternal || domain.MessageOf(err) != "internal error" {
				t.Errorf("%v is %s, %q", err, domain.KindOf(err), domain.MessageOf(err))
			}
		}
	})
	t.Run("a user reads the message and logs read field and cause, too", func(t *testing.T) {
		t.Parallel()
		err := &domain.Error{Kind: domain.KindUnavailable, Field: "address", Message: "does not answer", Err: io.EOF}
		if got := domain.MessageOf(fmt.Errorf("probing: %w", err)); got != "does not answer" {
			t.Errorf("message %q", got)
		}
		if got := err.Error(); got != "address: does not answer: EOF" {
			t.Errorf("log %q", got)
		}
		if !errors.Is(err, io.EOF) {
			t.Error("the cause is hidden")
		}
	})
	t.Run("all joined errors are told, in order", func(t *testing.T) {
		t.Parallel()
		first, second, third := domain.Invalid("name", "a"), domain.Invalid("type", "b"), domain.Conflict("c")
		err := fmt.Errorf("all: %w", errors.Join(first, io.EOF, fmt.Errorf("%w and %w", second, third)))
		if got := domain.Errors(err); !slices.Equal(got, []*domain.Error{first, second, third}) {
			t.Errorf("told %v", got)
		}
		if domain.KindOf(err) != domain.KindInvalid || domain.MessageOf(err) != "a" {
			t.Error("the first does not speak for all")
		}
	})
	t.Run("where there is none, none is told", func(t *testing.T) {
		t.Parallel()
		for _, err := range []error{nil, io.EOF, errors.Join(io.EOF, io.ErrClosedPipe)} {
			if got := domain.Errors(err); len(got) > 0 {
				t.Errorf("%v tells %v", err, got)
			}
		}
	})
}
