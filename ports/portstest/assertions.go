package portstest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// errChange is what changes of the suites give up with.
var errChange = errors.New("changed my mind")

// ok ends the test when there is an error.
func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

// fails ends the test unless err is of a kind, and of a field if one is given.
func fails(t *testing.T, err error, kind domain.Kind, field ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one of kind %s", kind)
	}
	if got := domain.KindOf(err); got != kind {
		t.Fatalf("kind %s (%v); want %s", got, err, kind)
	}
	if all := domain.Errors(err); len(field) > 0 && (len(all) == 0 || all[0].Field != field[0]) {
		t.Fatalf("error %v names another field than %q", err, field[0])
	}
}

// givesUp ends the test unless err is errChange.
func givesUp(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, errChange) {
		t.Fatalf("error %v; want the one of the change", err)
	}
}

// same tells in which lines two values differ. Unlike reflect.DeepEqual it looks
// behind pointers, takes times for what they say, and passes over what a domain
// type keeps to itself.
func same(t *testing.T, got, want any) {
	t.Helper()
	gotLines, wantLines := show("", reflect.ValueOf(got)), show("", reflect.ValueOf(want))
	if reflect.DeepEqual(gotLines, wantLines) {
		return
	}
	var diff strings.Builder
	for i := range max(len(gotLines), len(wantLines)) {
		g, w := line(gotLines, i), line(wantLines, i)
		if g != w {
			fmt.Fprintf(&diff, "\n got %s\nwant %s", g, w)
		}
		if diff.Len() > 2000 {
			break
		}
	}
	t.Fatalf("not the same:%s", diff.String())
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}

// snapshot is a value as it was when it was written down, whatever is done to it
// since.
type snapshot []string

func remember(value any) snapshot { return show("", reflect.ValueOf(value)) }

// show writes a value down, one line for each plain thing in it.
func show(path string, value reflect.Value) []string {
	if !value.IsValid() {
		return []string{path + " = nil"}
	}
	switch plain := value.Interface().(type) {
	case snapshot:
		return plain
	case time.Time: // the zone counts: stores must give UTC back
		return []string{path + " = " + plain.Format(time.RFC3339Nano) + " " + plain.Location().String()}
	case uuid.UUID, domain.Magnet, domain.InfoHash:
		return []string{fmt.Sprintf("%s = %v", path, plain)}
	}
	var lines []string
	switch value.Kind() { //nolint:exhaustive // the rest is plain
	case reflect.Pointer, reflect.Interface:
		if value.IsNil() {
			return []string{path + " = nil"}
		}
		return show(path, value.Elem())
	case reflect.Struct:
		for i := range value.NumField() {
			if field := value.Type().Field(i); field.IsExported() {
				lines = append(lines, show(path+"."+field.Name, value.Field(i))...)
			}
		}
		return lines
	case reflect.Slice:
		for i := range value.Len() {
			lines = append(lines, show(fmt.Sprintf("%s[%d]", path, i), value.Index(i))...)
		}
		return lines
	}
	return []string{fmt.Sprintf("%s = %#v", path, value.Interface())}
}

// cancelled returns a context that has ended.
func cancelled(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// refuses proves that calls obey a context that has ended.
func refuses(t *testing.T, calls map[string]func(ctx context.Context) error) {
	t.Helper()
	for name, call := range calls {
		if err := call(cancelled(t)); err == nil {
			t.Errorf("%s did not mind that its context had ended", name)
		}
	}
}

// within waits for a hint and ends the test when none comes.
func within(t *testing.T, hint <-chan struct{}) {
	t.Helper()
	select {
	case <-hint:
	case <-time.After(10 * time.Second):
		t.Fatal("no hint came")
	}
}
