package domain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// noon is when things happen in these tests.
var noon = time.Date(2026, time.March, 4, 12, 0, 0, 123456789, time.UTC)

func TestUser(t *testing.T) {
	t.Parallel()
	t.Run("a user's name is cleaned and its birth an instant", func(t *testing.T) {
		t.Parallel()
		user, err := domain.NewUser(" Ä\x00nna\n", domain.RoleMember, noon)
		if err != nil || user.Name != "Änna" || user.CreatedAt != domain.Instant(noon) || user.UpdatedAt != user.CreatedAt ||
			user.ID == uuid.Nil || user.PasswordHash != "" || user.Role != domain.RoleMember {
			t.Errorf("user %+v, error %v", user, err)
		}
	})
	t.Run("a user needs a name that fits", func(t *testing.T) {
		t.Parallel()
		for _, name := range []string{"", " \t", "\x00", strings.Repeat("ü", domain.MaxNameLength+1)} {
			_, err := domain.NewUser(name, domain.RoleMember, noon)
			isInvalid(t, err, "name")
		}
		if _, err := domain.NewUser(strings.Repeat("ü", domain.MaxNameLength), domain.RoleMember, noon); err != nil {
			t.Error(err)
		}
	})
	t.Run("a role is read in either case", func(t *testing.T) {
		t.Parallel()
		for text, want := range map[string]domain.Role{
			"member": domain.RoleMember, "MEMBER": domain.RoleMember,
			"administrator": domain.RoleAdministrator, "ADMINISTRATOR": domain.RoleAdministrator,
		} {
			if got, err := domain.ParseRole(text); got != want || err != nil {
				t.Errorf("%q became %q: %v", text, got, err)
			}
		}
		for _, text := range []string{"", "root", "admin", "member "} {
			_, err := domain.ParseRole(text)
			isInvalid(t, err, "role")
		}
	})
	t.Run("a user acts as what it is", func(t *testing.T) {
		t.Parallel()
		user := domain.User{ID: uuid.New(), Name: "anna", Role: domain.RoleAdministrator}
		if got := user.Actor(); got != (domain.Actor{UserID: user.ID, Name: "anna", Role: domain.RoleAdministrator}) {
			t.Errorf("acts as %+v", got)
		}
	})
}

func TestToken(t *testing.T) {
	t.Parallel()
	before, after := noon.Add(-time.Second), noon.Add(time.Second)
	for fact, one := range map[string]struct {
		token  domain.Token
		usable bool
	}{
		"a token without an end is good":             {domain.Token{}, true},
		"a token is good before its end":             {domain.Token{ExpiresAt: &after}, true},
		"a token is not good at its end":             {domain.Token{ExpiresAt: &noon}, false},
		"a token is not good after its end":          {domain.Token{ExpiresAt: &before}, false},
		"a revoked token is not good":                {domain.Token{RevokedAt: &before}, false},
		"a revoked token is not good before its end": {domain.Token{RevokedAt: &before, ExpiresAt: &after}, false},
	} {
		t.Run(fact, func(t *testing.T) {
			t.Parallel()
			if one.token.Usable(noon) != one.usable {
				t.Error("it is")
			}
		})
	}
}

func TestActor(t *testing.T) {
	t.Parallel()
	anna, berta := uuid.New(), uuid.New()
	member := domain.Actor{UserID: anna, Role: domain.RoleMember}
	administrator := domain.Actor{UserID: anna, Role: domain.RoleAdministrator}
	none := uuid.Nil
	for fact, one := range map[string]struct {
		actor domain.Actor
		owner *uuid.UUID
		may   bool
	}{
		"a member may use what is theirs":                    {member, &anna, true},
		"a member may not use what is another's":             {member, &berta, false},
		"a member may not use what is nobody's":              {member, nil, false},
		"an administrator may use what is theirs":            {administrator, &anna, true},
		"an administrator may use what is another's":         {administrator, &berta, true},
		"an administrator may use what is nobody's":          {administrator, nil, true},
		"the product itself may use what is anybody's":       {domain.System(), &anna, true},
		"the product itself may use what is nobody's":        {domain.System(), nil, true},
		"nobody may not use what is somebody's":              {domain.Actor{}, &anna, false},
		"nobody may not use what is nobody's":                {domain.Actor{}, nil, false},
		"nobody may not use what belongs to the zero id":     {domain.Actor{}, &none, false},
		"a user without a role has a member's rights":        {domain.Actor{UserID: anna}, &anna, true},
		"a user with an unknown role is no administrator":    {domain.Actor{UserID: anna, Role: "ROOT"}, &berta, false},
		"a member of the zero id may not use what is theirs": {domain.Actor{Role: domain.RoleMember}, &none, false},
	} {
		t.Run(fact, func(t *testing.T) {
			t.Parallel()
			if one.actor.MayUse(one.owner) != one.may {
				t.Error("it is the other way round")
			}
		})
	}
	t.Run("only administrators manage", func(t *testing.T) {
		t.Parallel()
		for _, actor := range []domain.Actor{administrator, domain.System()} {
			if err := actor.RequireAdministrator("manage servers"); err != nil {
				t.Error(err)
			}
		}
		for _, actor := range []domain.Actor{member, {}} {
			err := actor.RequireAdministrator("manage servers")
			if domain.KindOf(err) != domain.KindForbidden || domain.MessageOf(err) != "only an administrator may manage servers" {
				t.Errorf("error %v", err)
			}
		}
	})
	t.Run("new torrents belong to who adds them, and to nobody if the product does", func(t *testing.T) {
		t.Parallel()
		if owner := member.Owner(); owner == nil || *owner != anna {
			t.Errorf("owner %v", owner)
		}
		if owner := domain.System().Owner(); owner != nil {
			t.Errorf("owner %v", owner)
		}
	})
}

// isInvalid proves that an error is about one field of the input.
func isInvalid(t *testing.T, err error, field string) {
	t.Helper()
	all := domain.Errors(err)
	if len(all) != 1 || all[0].Kind != domain.KindInvalid || all[0].Field != field {
		t.Errorf("error %v, want one about %q", err, field)
	}
}
