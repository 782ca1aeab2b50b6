package rest

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// eventStream is one caller who follows the event log by Server-Sent Events.
type eventStream struct {
	*door
	request *http.Request
	events  <-chan domain.Event
	// actor is who listens, as last seen.
	actor atomic.Pointer[domain.Actor]
	// close ends the watching, and gives the caller's place to others.
	close func()
}

// streamEvents follows the event log, from where the caller's last stream broke off
// or from where it says, until the credential ends.
func (d *door) streamEvents(r *http.Request, actor domain.Actor) (reply, error) {
	q, err := d.eventQuery(r, actor)
	if err != nil {
		return reply{}, err
	}
	if last := r.Header.Get("Last-Event-ID"); last != "" { // a browser that comes back
		cursor, err := domain.ParseCursor(last)
		if err != nil {
			return reply{}, domain.Invalid("lastEventId", "%s", domain.MessageOf(err))
		}
		q.after = &cursor
	}
	answer := reply{status: http.StatusOK, header: map[string]string{
		"Content-Type": "text/event-stream", "X-Accel-Buffering": "no", // else nginx keeps events back
	}}
	if r.Method == http.MethodHead {
		return answer, nil
	}
	if !d.listeners.enter(actor.UserID) {
		return tooManyListen(), nil
	}
	ctx, cancel := context.WithCancel(r.Context())
	s := &eventStream{door: d, request: r, close: func() {
		cancel()
		d.listeners.leave(actor.UserID)
	}}
	s.actor.Store(&actor)
	s.events, err = d.Events.Watch(ctx, func() domain.Actor { return *s.actor.Load() }, q.after, q.filter)
	if err != nil {
		s.close()
		return reply{}, err
	}
	answer.lasting = s.write
	return answer, nil
}

// write writes events until there is no more to write, or nobody to read it.
func (s *eventStream) write(w http.ResponseWriter) {
	defer s.close()
	alive, again := time.NewTicker(s.KeepAlive), time.NewTicker(s.Reauthenticate)
	defer alive.Stop()
	defer again.Stop()
	control := http.NewResponseController(w)
	for err := control.Flush(); err == nil; {
		var frame []byte
		select {
		case event, open := <-s.events:
			if !open {
				return
			}
			frame = appendFrame(nil, &event)
			for more := min(len(s.events), 100); more > 0; more-- { // what is there already, in one go
				if event, open = <-s.events; open {
					frame = appendFrame(frame, &event)
				}
			}
		case <-alive.C:
			frame = []byte(":\n\n")
		case <-again.C:
			if !s.stillGood() {
				return
			}
			continue
		}
		if _, err = w.Write(frame); err == nil {
			err = control.Flush()
		}
	}
}

// stillGood looks at the credential again. That it cannot be told right now ends
// nothing.
func (s *eventStream) stillGood() bool {
	actor, err := s.Authenticate(s.request)
	if err == nil {
		s.actor.Store(&actor)
	}
	return err == nil || domain.KindOf(err) != domain.KindUnauthenticated
}

func appendFrame(b []byte, event *domain.Event) []byte {
	b = append(append(b, "id: "...), event.Cursor.String()...)
	b = append(append(b, "\nevent: "...), event.Type...)
	b = appendEvent(append(b, "\ndata: "...), event)
	return append(b, "\n\n"...)
}

func tooManyListen() reply {
	return message(http.StatusTooManyRequests, "This user follows, or waits for, too many events at once already.")
}

// listeners counts how many follow or wait for events, by user.
type listeners struct {
	most int

	mu sync.Mutex
	of map[uuid.UUID]int
}

// enter reports whether the user may have one more.
func (l *listeners) enter(user uuid.UUID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of[user] >= l.most {
		return false
	}
	if l.of == nil {
		l.of = map[uuid.UUID]int{}
	}
	l.of[user]++
	return true
}

func (l *listeners) leave(user uuid.UUID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of[user]--; l.of[user] == 0 {
		delete(l.of, user)
	}
}
