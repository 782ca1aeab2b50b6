package memory_test

import (
	"slices"
	"testing"

	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
	"github.com/clarion-app/download-manager/ports/portstest"
)

func TestClarionSource(t *testing.T) {
	t.Parallel()
	portstest.ClarionSource(t, func(_ *testing.T, content portstest.ClarionContent) ports.ClarionSource {
		return memory.NewClarionSource(
			slices.DeleteFunc(content.Servers, func(s domain.ClarionServer) bool { return slices.Contains(content.Deleted, s.ID) }),
			slices.DeleteFunc(slices.Clone(content.Torrents), func(c domain.ClarionTorrent) bool { return slices.Contains(content.Deleted, c.ID) }),
		)
	})
}
