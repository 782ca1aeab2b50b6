package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

func (h *house) consumers() *app.Consumers {
	return &app.Consumers{Repository: h.store.Consumers(), EventLog: h.store.EventLog(), Now: h.clock}
}

func TestConsumersBegin(t *testing.T) {
	t.Parallel()
	name := "backup"

	t.Run("without a name it is where the reader says", func(t *testing.T) {
		t.Parallel()
		c := newHouse(t).consumers()
		after := domain.Cursor(7)
		for _, want := range []*domain.Cursor{&after, nil} {
			if got, err := c.Begin(t.Context(), admin(), want, nil); got != want || err != nil {
				t.Errorf("got %v, %v", got, err)
			}
		}
		_, err := c.Begin(t.Context(), admin(), &after, &name)
		wantKind(t, err, domain.KindInvalid, "consumer")
	})

	t.Run("a new name begins now, and misses nothing from then on", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		c := h.consumers()
		torrent := h.add(t, admin(), 1, h.server(t, "a"))
		now := h.newest(t)
		for range 3 {
			got, err := c.Begin(t.Context(), admin(), nil, &name)
			if err != nil || *got != now {
				t.Fatalf("got %v, %v; want %d", got, err, now)
			}
			h.rename(t, torrent, 2)
		}
		// Another user's of that name is another.
		if got, err := c.Begin(t.Context(), member(uuid.New()), nil, &name); err != nil || *got != h.newest(t) {
			t.Errorf("got %v, %v", got, err)
		}
	})

	t.Run("it goes on behind what was acknowledged", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		c := h.consumers()
		h.rename(t, h.add(t, admin(), 1, h.server(t, "a")), 10)
		for _, step := range []struct{ given, want domain.Cursor }{{4, 4}, {4, 4}, {2, 4}, {0, 4}, {9, 9}} {
			h.pass(time.Second)
			got, err := c.Acknowledge(t.Context(), admin(), name, step.given)
			if err != nil || got.Cursor != step.want {
				t.Fatalf("%d: got %+v, %v", step.given, got, err)
			}
			if moved := step.given == step.want; moved && step.given == 9 && !got.UpdatedAt.Equal(h.clock()) {
				t.Errorf("it moved at %s, not %s", h.clock(), got.UpdatedAt)
			}
			begin, err := c.Begin(t.Context(), admin(), nil, &name)
			if err != nil || *begin != step.want {
				t.Errorf("it begins at %v, %v", begin, err)
			}
		}
		_, err := c.Acknowledge(t.Context(), admin(), name, h.newest(t)+1)
		wantKind(t, err, domain.KindInvalid, "cursor")
	})

	t.Run("one that has expired is mended by the oldest cursor", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		c := h.consumers()
		torrent := h.add(t, admin(), 1, h.server(t, "a"))
		begin, err := c.Begin(t.Context(), admin(), nil, &name)
		if err != nil {
			t.Fatal(err)
		}
		h.rename(t, torrent, 10)
		if _, err := h.events.Prune(t.Context(), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		_, err = h.events.Watch(t.Context(), admin, begin, domain.EventFilter{})
		wantKind(t, err, domain.KindCursorExpired, "after")
		if _, err := c.Acknowledge(t.Context(), admin(), name, domain.Errors(err)[0].Oldest); err != nil {
			t.Fatal(err)
		}
		if begin, err = c.Begin(t.Context(), admin(), nil, &name); err != nil {
			t.Fatal(err)
		}
		if err := follow(h.everything(t.Context(), t, begin), *begin, h.newest(t)); err != nil {
			t.Error(err)
		}
	})
}

func TestConsumersAreFewAndTheirUsers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.consumers()
	anna, berta := member(uuid.New()), member(uuid.New())
	for i := range domain.MostConsumers {
		if _, err := c.Acknowledge(t.Context(), anna, fmt.Sprint("  n", i, " "), 0); err != nil {
			t.Fatal(err)
		}
		h.pass(time.Second)
	}
	one := "one more"
	_, err := c.Acknowledge(t.Context(), anna, one, 0)
	wantKind(t, err, domain.KindConflict, "")
	_, err = c.Begin(t.Context(), anna, nil, &one)
	wantKind(t, err, domain.KindConflict, "")
	if _, err := c.Acknowledge(t.Context(), berta, one, 0); err != nil {
		t.Error(err)
	}
	_, err = c.Remove(t.Context(), berta, "n1")
	wantKind(t, err, domain.KindNotFound, "")
	if name, err := c.Remove(t.Context(), anna, " n1 "); err != nil || name != "n1" {
		t.Error(name, err)
	}
	if _, err := c.Acknowledge(t.Context(), anna, one, 0); err != nil {
		t.Error(err)
	}
	found, err := c.Find(t.Context(), anna)
	if err != nil || len(found) != domain.MostConsumers || found[0].Name != "n0" || found[domain.MostConsumers-1].Name != one {
		t.Errorf("%d found, %v", len(found), err)
	}
	for _, bad := range []string{"", "  ", "\x00", strings.Repeat("x", domain.MaxNameLength+1)} {
		_, err := c.Acknowledge(t.Context(), anna, bad, 0)
		wantKind(t, err, domain.KindInvalid, "consumer")
		_, err = c.Begin(t.Context(), anna, nil, &bad)
		wantKind(t, err, domain.KindInvalid, "consumer")
	}
	_, err = c.Acknowledge(t.Context(), domain.System(), one, 0)
	wantKind(t, err, domain.KindForbidden, "")
}
