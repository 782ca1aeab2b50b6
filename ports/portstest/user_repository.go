package portstest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// addUser stores a user.
func addUser(t *testing.T, store Store, name string) *domain.User {
	t.Helper()
	user, err := domain.NewUser(name, domain.RoleMember, morning)
	ok(t, err)
	ok(t, store.Users.Add(t.Context(), user))
	return user
}

// UserRepository is the contract of ports.UserRepository.
func UserRepository(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	keepingUsers().prove(t, open)
	changingUsers().prove(t, open)
}

func keepingUsers() facts {
	return facts{
		"a user is got as it was added, in every field": func(t *testing.T, store Store) {
			user := &domain.User{
				ID: uuid.New(), Name: strings.Repeat("ß", domain.MaxNameLength), Role: domain.RoleAdministrator,
				PasswordHash: "$argon2id$v=19$m=65536,t=3,p=1$" + strings.Repeat("ab/+", 30),
				CreatedAt:    after(1), UpdatedAt: after(2),
			}
			ok(t, store.Users.Add(t.Context(), user))
			got, err := store.Users.Get(t.Context(), user.ID)
			ok(t, err)
			same(t, got, user)
			got, err = store.Users.GetByName(t.Context(), user.Name)
			ok(t, err)
			same(t, got, user)
			found, err := store.Users.Find(t.Context())
			ok(t, err)
			same(t, found, []*domain.User{user})
		},
		"a user without a password is got as it was added": func(t *testing.T, store Store) {
			user := addUser(t, store, "anna")
			got, err := store.Users.Get(t.Context(), user.ID)
			ok(t, err)
			same(t, got, user)
		},
		"a name is taken whatever its case": func(t *testing.T, store Store) {
			for _, names := range [][]string{
				{"anna", "Anna", "ANNA", "anna"}, {"ÄRGER", "ärger", "Ärger"}, {"ΔΈΛΤΑ", "δέλτα"}, {"Ёж", "ёЖ"},
			} {
				addUser(t, store, names[0])
				for _, name := range names[1:] {
					user, err := domain.NewUser(name, domain.RoleMember, morning)
					ok(t, err)
					fails(t, store.Users.Add(t.Context(), user), domain.KindConflict, "name")
				}
			}
		},
		"names that differ by more than case are different": func(t *testing.T, store Store) {
			for _, name := range []string{"anna", "änna", "ann_", "ann%", "an'na"} {
				user := addUser(t, store, name)
				got, err := store.Users.GetByName(t.Context(), name)
				ok(t, err)
				same(t, got, user)
			}
		},
		"a user is got by name whatever its case, and keeps the name as given": func(t *testing.T, store Store) {
			user := addUser(t, store, "Jürgen ÄRGER")
			for _, name := range []string{"Jürgen ÄRGER", "jürgen ärger", "JÜRGEN ÄRGER"} {
				got, err := store.Users.GetByName(t.Context(), name)
				ok(t, err)
				same(t, got, user)
			}
		},
		"a user that nobody added is not found": func(t *testing.T, store Store) {
			addUser(t, store, "anna")
			_, err := store.Users.Get(t.Context(), uuid.New())
			fails(t, err, domain.KindNotFound)
			for _, name := range []string{"", "ann", "annaa", "%", "ann_"} {
				_, err = store.Users.GetByName(t.Context(), name)
				fails(t, err, domain.KindNotFound)
			}
		},
		"all users are found by name": func(t *testing.T, store Store) {
			var want []*domain.User
			for _, name := range []string{"dora", "anna", "carla", "berta"} {
				want = append(want, addUser(t, store, name))
			}
			slices.SortFunc(want, func(a, b *domain.User) int { return strings.Compare(a.Name, b.Name) })
			found, err := store.Users.Find(t.Context())
			ok(t, err)
			same(t, found, want)
			found, err = store.Users.Find(t.Context(), want[3].ID, uuid.New(), want[1].ID, want[1].ID)
			ok(t, err)
			same(t, found, []*domain.User{want[1], want[3]})
		},
		"finding nobody is no error": func(t *testing.T, store Store) {
			for _, list := range [][]uuid.UUID{nil, {uuid.New()}} {
				found, err := store.Users.Find(t.Context(), list...)
				ok(t, err)
				if len(found) > 0 {
					t.Errorf("found %d", len(found))
				}
			}
		},
		"of many users who take one name at the same moment, one gets it": func(t *testing.T, store Store) {
			won := 0
			for _, err := range together(8, func(i int) error {
				user, err := domain.NewUser([]string{"ärger", "ÄRGER"}[i%2], domain.RoleMember, morning)
				if err != nil {
					return err
				}
				return store.Users.Add(t.Context(), user)
			}) {
				if err == nil {
					won++
					continue
				}
				fails(t, err, domain.KindConflict, "name")
			}
			if won != 1 {
				t.Errorf("%d got it", won)
			}
		},
		"an ended context ends every call on users": func(t *testing.T, store Store) {
			user := addUser(t, store, "anna")
			other, err := domain.NewUser("berta", domain.RoleMember, morning)
			ok(t, err)
			refuses(t, map[string]func(ctx context.Context) error{
				"Add":       func(ctx context.Context) error { return store.Users.Add(ctx, other) },
				"Get":       func(ctx context.Context) error { _, err := store.Users.Get(ctx, user.ID); return err },
				"GetByName": func(ctx context.Context) error { _, err := store.Users.GetByName(ctx, "anna"); return err },
				"Find":      func(ctx context.Context) error { _, err := store.Users.Find(ctx); return err },
				"Update": func(ctx context.Context) error {
					_, err := store.Users.Update(ctx, user.ID, func(*domain.User) error { return nil })
					return err
				},
			})
			ok(t, store.Users.Add(t.Context(), other))
		},
	}
}

func changingUsers() facts {
	return facts{
		"every field that a change alters is saved": func(t *testing.T, store Store) {
			user := addUser(t, store, "anna")
			want := *user
			want.Name, want.Role, want.PasswordHash, want.UpdatedAt = "Änne", domain.RoleAdministrator, "$argon2id$…", after(3)
			updated, err := store.Users.Update(t.Context(), user.ID, func(user *domain.User) error {
				*user = want
				return nil
			})
			ok(t, err)
			same(t, updated, want)
			got, err := store.Users.GetByName(t.Context(), "äNNE")
			ok(t, err)
			same(t, got, want)
			_, err = store.Users.GetByName(t.Context(), "anna")
			fails(t, err, domain.KindNotFound)
			addUser(t, store, "ANNA")
		},
		"an error of the change undoes all": func(t *testing.T, store Store) {
			user := addUser(t, store, "anna")
			_, err := store.Users.Update(t.Context(), user.ID, func(user *domain.User) error {
				user.Name, user.Role = "berta", domain.RoleAdministrator
				return errChange
			})
			givesUp(t, err)
			got, err := store.Users.Get(t.Context(), user.ID)
			ok(t, err)
			same(t, got, user)
		},
		"an unknown user is not updated": func(t *testing.T, store Store) {
			_, err := store.Users.Update(t.Context(), uuid.New(), func(*domain.User) error {
				t.Error("change was called")
				return nil
			})
			fails(t, err, domain.KindNotFound)
		},
		"updates at the same moment lose nothing": func(t *testing.T, store Store) {
			user := addUser(t, store, "anna")
			const callers = 12
			for _, err := range together(callers, func(int) error {
				_, err := store.Users.Update(t.Context(), user.ID, func(user *domain.User) error {
					user.PasswordHash += "x"
					return nil
				})
				return err
			}) {
				ok(t, err)
			}
			got, err := store.Users.Get(t.Context(), user.ID)
			ok(t, err)
			if got.PasswordHash != strings.Repeat("x", callers) {
				t.Errorf("after %d updates there are %d", callers, len(got.PasswordHash))
			}
		},
		"what a caller does to a user afterwards is not stored": func(t *testing.T, store Store) {
			user := addUser(t, store, "anna")
			want := *user
			user.Name = "spoilt"
			got, err := store.Users.Get(t.Context(), user.ID)
			ok(t, err)
			same(t, got, want)
			got.Name = "spoilt"
			got, err = store.Users.GetByName(t.Context(), "anna")
			ok(t, err)
			same(t, got, want)
		},
	}
}
