package database

import (
	"database/sql"
	"encoding/json"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// wishColumns are how torrents keep what is wished of them. They are comparable.
//
// The types are said where Bun casts values to them, in bulk updates.
type wishColumns struct {
	Paused        bool            `bun:"paused"`
	Renamed       bool            `bun:"renamed"`
	Label         string          `bun:"label,nullzero"`
	Folder        string          `bun:"folder,nullzero"`
	Priority      string          `bun:"priority"`
	DownloadLimit sql.NullInt64   `bun:"download_limit,type:bigint"`
	UploadLimit   sql.NullInt64   `bun:"upload_limit,type:bigint"`
	Unwanted      string          `bun:"unwanted,nullzero"`
	OnComplete    string          `bun:"on_complete,nullzero"`
	SeedRatio     sql.NullFloat64 `bun:"seed_ratio,type:double precision"`
	SeedSeconds   sql.NullInt64   `bun:"seed_seconds,type:bigint"`
}

var wishColumnNames = []string{
	"paused", "renamed", "label", "folder", "priority", "download_limit", "upload_limit", "unwanted",
	"on_complete", "seed_ratio", "seed_seconds",
}

func fromWishes(t *domain.Torrent) wishColumns {
	columns := wishColumns{
		Paused: t.Paused, Renamed: t.Renamed, Label: t.Label, Folder: t.Folder, Priority: string(t.Priority),
		DownloadLimit: nullInt(t.DownloadLimit), UploadLimit: nullInt(t.UploadLimit), Unwanted: fromIndexes(t.Unwanted),
		SeedRatio: nullFloat(t.SeedRatio), SeedSeconds: fromSeconds(t.SeedTime),
	}
	if t.OnComplete != nil {
		columns.OnComplete = string(*t.OnComplete)
	}
	return columns
}

func (c *wishColumns) toWishes(t *domain.Torrent) {
	t.Paused, t.Renamed, t.Label, t.Folder, t.Priority = c.Paused, c.Renamed, c.Label, c.Folder, domain.Priority(c.Priority)
	t.DownloadLimit, t.UploadLimit, t.Unwanted = intOrNil(c.DownloadLimit), intOrNil(c.UploadLimit), toIndexes(c.Unwanted)
	t.SeedingWish = toSeedingWish(c.OnComplete, c.SeedRatio, c.SeedSeconds)
}

func toSeedingWish(onComplete string, ratio sql.NullFloat64, seconds sql.NullInt64) domain.SeedingWish {
	wish := domain.SeedingWish{SeedRatio: floatOrNil(ratio), SeedTime: toSeconds(seconds)}
	if onComplete != "" {
		policy := domain.OnComplete(onComplete)
		wish.OnComplete = &policy
	}
	return wish
}

// fromIndexes writes ascending indexes as JSON, rows of them as one pair: most of the
// time all but a few files of very many are left out.
func fromIndexes(indexes []int) string {
	if len(indexes) == 0 {
		return ""
	}
	var rows [][2]int
	for _, index := range indexes {
		if last := len(rows) - 1; last >= 0 && rows[last][1] == index-1 {
			rows[last][1] = index
		} else {
			rows = append(rows, [2]int{index, index})
		}
	}
	text, _ := json.Marshal(rows) // numbers: never fails
	return string(text)
}

// toIndexes reads what fromIndexes wrote; what it did not is none.
func toIndexes(text string) []int {
	var rows [][2]int
	if text == "" || json.Unmarshal([]byte(text), &rows) != nil {
		return nil
	}
	var indexes []int
	for _, row := range rows {
		for index := row[0]; index <= row[1] && len(indexes) < domain.MostUnwanted; index++ {
			indexes = append(indexes, index)
		}
	}
	return indexes
}

func fromFolders(folders []string) string {
	if len(folders) == 0 {
		return ""
	}
	text, _ := json.Marshal(folders) // texts: never fails
	return string(text)
}

func toFolders(text string) (folders []string) {
	if text != "" {
		_ = json.Unmarshal([]byte(text), &folders) // what we did not write allows nothing
	}
	return folders
}

func nullInt(n *int64) sql.NullInt64 {
	if n == nil {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: *n, Valid: true}
}

func intOrNil(n sql.NullInt64) *int64 {
	if !n.Valid {
		return nil
	}
	return &n.Int64
}

func nullFloat(n *float64) sql.NullFloat64 {
	if n == nil {
		return sql.NullFloat64{}
	}
	return sql.NullFloat64{Float64: *n, Valid: true}
}

func floatOrNil(n sql.NullFloat64) *float64 {
	if !n.Valid {
		return nil
	}
	return &n.Float64
}

func fromSeconds(d *time.Duration) sql.NullInt64 {
	if d == nil {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: int64(*d / time.Second), Valid: true}
}

func toSeconds(n sql.NullInt64) *time.Duration {
	if !n.Valid {
		return nil
	}
	d := time.Duration(n.Int64) * time.Second
	return &d
}
