package domain_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/clarion-app/download-manager/domain"
)

func TestFold(t *testing.T) {
	t.Parallel()
	t.Run("all cases of each letter of Unicode fold to one, and that one stays", func(t *testing.T) {
		t.Parallel()
		for letter := rune(0); letter <= unicode.MaxRune; letter++ {
			folded := domain.Fold(string(letter))
			if !strings.EqualFold(folded, string(letter)) || domain.Fold(folded) != folded {
				t.Errorf("%q folds to %q", letter, folded)
			}
			for _, other := range []rune{unicode.ToUpper(letter), unicode.ToLower(letter), unicode.SimpleFold(letter)} {
				if strings.EqualFold(string(letter), string(other)) && domain.Fold(string(other)) != folded {
					t.Errorf("%q and %q fold apart", letter, other)
				}
			}
		}
	})
}
