package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"guanxi/internal/blob"
)

// The variables that hold the credentials of an S3 service. They are no flags,
// since others on the machine can see those.
const (
	s3AccessKey = "GUANXI_S3_ACCESS_KEY"
	s3SecretKey = "GUANXI_S3_SECRET_KEY"
)

// files is the store of attachments with what ends its use.
type files interface {
	blob.Store
	io.Closer
}

// ElsewhereStorage checks a --storage, and gives it back where attachments lie
// outside of the data folder; empty where they lie in it.
func ElsewhereStorage(storage string) (string, error) {
	if storage == "" {
		return "", nil
	}
	if _, err := blob.ParseLocation(storage); err != nil {
		return "", fmt.Errorf("--storage: %w", err)
	}
	return storage, nil
}

// openFiles opens the store of attachments that the options name.
func openFiles(cfg *Config) (files, error) {
	if cfg.Storage == "" {
		return blob.NewDir(filepath.Join(cfg.Data, "files"))
	}
	at, err := blob.ParseLocation(cfg.Storage)
	if err != nil {
		return nil, fmt.Errorf("--storage: %w", err)
	}
	access, secret := os.Getenv(s3AccessKey), os.Getenv(s3SecretKey)
	if access == "" || secret == "" {
		return nil, errors.New("--storage names an S3 service: set " + s3AccessKey + " and " + s3SecretKey)
	}
	return blob.NewS3(at, access, secret)
}

// checkFiles warns where the storage of attachments does not answer. It keeps
// no server from starting: everything but files works without it.
func (a *App) checkFiles(ctx context.Context) {
	s3, ok := a.files.(*blob.S3)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := s3.Check(ctx); err != nil && !errors.Is(err, context.Canceled) {
		a.log.Warn("the storage of files cannot be used now", "error", err.Error())
	}
}
