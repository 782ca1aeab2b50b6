package portstest

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// addConsumer stores a consumer that was made at a minute.
func addConsumer(t *testing.T, store Store, user uuid.UUID, name string, minute int) *domain.Consumer {
	t.Helper()
	consumer, err := store.Consumers.Save(t.Context(), user, name, func(known *domain.Consumer, already int) (*domain.Consumer, error) {
		if known != nil {
			t.Errorf("there is a consumer %q already", name)
		}
		return domain.NewConsumer(user, name, 7, already, after(minute))
	})
	ok(t, err)
	return consumer
}

// ConsumerRepository is the contract of ports.ConsumerRepository.
func ConsumerRepository(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	facts{
		"a consumer is got as it was saved, in every field": func(t *testing.T, store Store) {
			user := uuid.New()
			for _, name := range []string{"backup", strings.Repeat("ß", domain.MaxNameLength), "ünï 🎬 '\"\\"} {
				want := addConsumer(t, store, user, name, 1)
				same(t, want, domain.Consumer{UserID: user, Name: name, Cursor: 7, CreatedAt: after(1), UpdatedAt: after(1)})
				got, err := store.Consumers.Get(t.Context(), user, name)
				ok(t, err)
				same(t, got, want)
			}
		},
		"a name is one user's, and exact": func(t *testing.T, store Store) {
			anna, berta := uuid.New(), uuid.New()
			addConsumer(t, store, anna, "backup", 1)
			addConsumer(t, store, anna, "Backup", 2)
			addConsumer(t, store, berta, "backup", 3)
			for _, name := range []string{"", "back", "backup ", "%", "BACKUP"} {
				_, err := store.Consumers.Get(t.Context(), anna, name)
				fails(t, err, domain.KindNotFound)
			}
			_, err := store.Consumers.Get(t.Context(), berta, "Backup")
			fails(t, err, domain.KindNotFound)
		},
		"a user's consumers are found in the order of their making": func(t *testing.T, store Store) {
			anna, berta := uuid.New(), uuid.New()
			second, first := addConsumer(t, store, anna, "a", 2), addConsumer(t, store, anna, "b", 1)
			third := addConsumer(t, store, anna, "c", 2)
			addConsumer(t, store, berta, "d", 1)
			found, err := store.Consumers.Find(t.Context(), anna)
			ok(t, err)
			same(t, found, []*domain.Consumer{first, second, third})
			found, err = store.Consumers.Find(t.Context(), uuid.New())
			ok(t, err)
			same(t, append([]*domain.Consumer{}, found...), []*domain.Consumer{})
		},
		"a change gets what is stored, and is saved": func(t *testing.T, store Store) {
			user := uuid.New()
			want := addConsumer(t, store, user, "backup", 1)
			want.Acknowledge(1<<40, after(2))
			got, err := store.Consumers.Save(t.Context(), user, "backup", func(known *domain.Consumer, _ int) (*domain.Consumer, error) {
				known.Acknowledge(1<<40, after(2))
				return known, nil
			})
			ok(t, err)
			same(t, got, want)
			got, err = store.Consumers.Get(t.Context(), user, "backup")
			ok(t, err)
			same(t, got, want)
		},
		"whoever makes one is told how many the user has": func(t *testing.T, store Store) {
			anna, berta := uuid.New(), uuid.New()
			addConsumer(t, store, berta, "backup", 1)
			for i, name := range []string{"a", "b", "c"} {
				_, err := store.Consumers.Save(t.Context(), anna, name, func(known *domain.Consumer, already int) (*domain.Consumer, error) {
					if known != nil || already != i {
						t.Errorf("told of %v and %d others", known, already)
					}
					return domain.NewConsumer(anna, name, 1, already, after(i))
				})
				ok(t, err)
			}
		},
		"an error of the change undoes all": func(t *testing.T, store Store) {
			user := uuid.New()
			want := remember(addConsumer(t, store, user, "backup", 1))
			for _, name := range []string{"backup", "new"} {
				_, err := store.Consumers.Save(t.Context(), user, name, func(known *domain.Consumer, _ int) (*domain.Consumer, error) {
					if known != nil {
						known.Cursor = 99
					}
					return known, errChange
				})
				givesUp(t, err)
			}
			got, err := store.Consumers.Get(t.Context(), user, "backup")
			ok(t, err)
			same(t, got, want)
			_, err = store.Consumers.Get(t.Context(), user, "new")
			fails(t, err, domain.KindNotFound)
		},
		"what a caller does to a consumer afterwards is not stored": func(t *testing.T, store Store) {
			user := uuid.New()
			addConsumer(t, store, user, "backup", 1).Cursor = 99
			got, err := store.Consumers.Get(t.Context(), user, "backup")
			ok(t, err)
			same(t, got.Cursor, domain.Cursor(7))
		},
		"a removed consumer is gone, and may be made again": func(t *testing.T, store Store) {
			user := uuid.New()
			addConsumer(t, store, user, "backup", 1)
			other := addConsumer(t, store, user, "other", 1)
			ok(t, store.Consumers.Remove(t.Context(), user, "backup"))
			fails(t, store.Consumers.Remove(t.Context(), user, "backup"), domain.KindNotFound)
			fails(t, store.Consumers.Remove(t.Context(), uuid.New(), "other"), domain.KindNotFound)
			found, err := store.Consumers.Find(t.Context(), user)
			ok(t, err)
			same(t, found, []*domain.Consumer{other})
			addConsumer(t, store, user, "backup", 2)
		},
		"those who save at the same moment come one after another": func(t *testing.T, store Store) {
			const callers = 12
			user := uuid.New()
			for _, err := range together(callers, func(i int) error { // half make one of their own
				name := "shared"
				if i%2 == 0 {
					name = strings.Repeat("x", i+1)
				}
				_, err := store.Consumers.Save(t.Context(), user, name, func(known *domain.Consumer, already int) (*domain.Consumer, error) {
					if known == nil {
						return domain.NewConsumer(user, name, domain.Cursor(already), 0, after(1))
					}
					known.Cursor += 100
					return known, nil
				})
				return err
			}) {
				ok(t, err)
			}
			found, err := store.Consumers.Find(t.Context(), user)
			ok(t, err)
			seen, shared := map[domain.Cursor]bool{}, domain.Cursor(0)
			for _, consumer := range found {
				if consumer.Name == "shared" {
					shared = consumer.Cursor / 100
					consumer.Cursor %= 100
				}
				seen[consumer.Cursor] = true
			}
			if len(found) != callers/2+1 || len(seen) != len(found) || shared != callers/2-1 {
				t.Errorf("%d consumers, counted %v, the shared one was changed %d times", len(found), seen, shared)
			}
		},
		"an ended context ends every call on consumers": func(t *testing.T, store Store) {
			user := uuid.New()
			addConsumer(t, store, user, "backup", 1)
			refuses(t, map[string]func(ctx context.Context) error{
				"Get":  func(ctx context.Context) error { _, err := store.Consumers.Get(ctx, user, "backup"); return err },
				"Find": func(ctx context.Context) error { _, err := store.Consumers.Find(ctx, user); return err },
				"Save": func(ctx context.Context) error {
					_, err := store.Consumers.Save(ctx, user, "new", func(*domain.Consumer, int) (*domain.Consumer, error) {
						return domain.NewConsumer(user, "new", 1, 0, after(1))
					})
					return err
				},
				"Remove": func(ctx context.Context) error { return store.Consumers.Remove(ctx, user, "backup") },
			})
			if found, err := store.Consumers.Find(t.Context(), user); err != nil || len(found) != 1 {
				t.Errorf("%d are left, %v", len(found), err)
			}
		},
	}.prove(t, open)
}
