package portstest

import (
	"testing"

	"github.com/clarion-app/download-manager/ports"
)

// EventSignal is the contract of ports.EventSignal. ring makes the log grow, or
// behaves as if it had.
func EventSignal(t *testing.T, open func(t *testing.T) (signal ports.EventSignal, ring func())) {
	t.Helper()
	for name, fact := range map[string]func(t *testing.T, signal ports.EventSignal, ring func()){
		"every subscriber gets a hint": func(t *testing.T, signal ports.EventSignal, ring func()) {
			first, stopFirst := signal.Subscribe()
			defer stopFirst()
			second, stopSecond := signal.Subscribe()
			defer stopSecond()
			ring()
			within(t, first)
			within(t, second)
		},
		"each growth after a hint gives a hint": func(t *testing.T, signal ports.EventSignal, ring func()) {
			hint, stop := signal.Subscribe()
			defer stop()
			for range 20 {
				ring()
				within(t, hint)
			}
		},
		"a subscriber that does not listen holds nobody up and still gets a hint": func(t *testing.T, signal ports.EventSignal, ring func()) {
			lazy, stopLazy := signal.Subscribe()
			defer stopLazy()
			keen, stopKeen := signal.Subscribe()
			defer stopKeen()
			for range 1000 {
				ring()
			}
			within(t, keen)
			within(t, lazy)
		},
		"stopping twice is fine and stops nobody else": func(t *testing.T, signal ports.EventSignal, ring func()) {
			_, stop := signal.Subscribe()
			hint, stopOther := signal.Subscribe()
			defer stopOther()
			stop()
			stop()
			ring()
			within(t, hint)
		},
		"growing without any subscriber is fine": func(t *testing.T, signal ports.EventSignal, ring func()) {
			ring()
			_, stop := signal.Subscribe()
			stop()
			ring()
		},
		"subscribers come and go while the log grows": func(t *testing.T, signal ports.EventSignal, ring func()) {
			hint, stop := signal.Subscribe()
			defer stop()
			together(16, func(i int) error {
				for range 50 {
					if i%4 == 0 {
						ring()
						continue
					}
					_, stop := signal.Subscribe()
					stop()
				}
				return nil
			})
			within(t, hint)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			signal, ring := open(t)
			fact(t, signal, ring)
		})
	}
}
