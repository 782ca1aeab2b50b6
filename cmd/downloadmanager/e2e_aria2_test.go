//go:build linux

package main_test

import (
	"net/http"
	"testing"

	"github.com/clarion-app/download-manager/internal/testkit/aria2"
	"github.com/clarion-app/download-manager/internal/testkit/seeder"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// aria2Client is an aria2 daemon with a secret.
func aria2Client(version aria2.Version) func(*testing.T) downloader {
	return func(t *testing.T) downloader {
		daemon := aria2.Start(t, version, aria2.WithSecret("sécret"))
		return downloader{
			settings: settings{"EMBEDDED": "off"},
			attach: func(t *testing.T, i *instance) {
				i.rest(t, http.MethodPost, "/api/torrent-servers",
					`{"type":"aria2","address":"`+daemon.Address()+`","password":"sécret"}`, http.StatusCreated, nil)
			},
			magnet: func(s *seeder.Seeder) string {
				s.DialPeer(daemon.PeerAddr())
				return s.Magnet()
			},
			folder: func(*instance) string { return daemon.DownloadDir() },
			letGo: func(t *testing.T, infoHash string) {
				wait.Until(t, patience, "a daemon without "+infoHash, func() bool { return daemon.Held(t, infoHash) == "" })
			},
		}
	}
}
