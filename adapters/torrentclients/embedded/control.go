package embedded

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
)

// Pause implements ports.TransferControl.
func (c *Client) Pause(context.Context, []domain.InfoHash) error {
	return domain.Lacks(Type, domain.CapabilityPause)
}

// Resume implements ports.TransferControl.
func (c *Client) Resume(context.Context, []domain.InfoHash) error {
	return domain.Lacks(Type, domain.CapabilityPause)
}

// Verify implements ports.TransferControl.
func (c *Client) Verify(context.Context, []domain.InfoHash) error {
	return domain.Lacks(Type, domain.CapabilityVerify)
}

// Configure implements ports.TransferControl.
func (c *Client) Configure(context.Context, domain.InfoHash, domain.TransferSettings) error {
	return domain.Lacks(Type, domain.CapabilityLabel)
}

// Files implements ports.TransferDetails.
func (c *Client) Files(context.Context, domain.InfoHash) ([]domain.TransferFile, error) {
	return nil, domain.Lacks(Type, domain.CapabilityFiles)
}

// Trackers implements ports.TransferDetails.
func (c *Client) Trackers(context.Context, domain.InfoHash) ([]domain.Tracker, error) {
	return nil, domain.Lacks(Type, domain.CapabilityTrackers)
}

// Peers implements ports.TransferDetails.
func (c *Client) Peers(context.Context, domain.InfoHash) ([]domain.Peer, error) {
	return nil, domain.Lacks(Type, domain.CapabilityPeers)
}

// List implements ports.TransferListing.
func (c *Client) List(context.Context) ([]domain.HeldTransfer, error) {
	return nil, domain.Unavailable(nil, "the transfers of this client cannot be listed")
}
