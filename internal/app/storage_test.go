package app

import (
	"strings"
	"testing"

	"guanxi/internal/blob"
)

func TestOpenFiles(t *testing.T) {
	const at = "s3://files/crm?endpoint=https://s3.example.com&path_style=1"
	t.Setenv(s3AccessKey, "")
	t.Setenv(s3SecretKey, "")
	folder, err := openFiles(&Config{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := folder.(*blob.Dir); !ok {
		t.Errorf("without --storage it is %T", folder)
	}
	if err := folder.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := openFiles(&Config{Data: t.TempDir(), Storage: at}); err == nil || !strings.Contains(err.Error(), s3SecretKey) {
		t.Errorf("without credentials: %v", err)
	}
	t.Setenv(s3AccessKey, "sesame-access")
	if _, err := openFiles(&Config{Data: t.TempDir(), Storage: at}); err == nil || strings.Contains(err.Error(), "sesame") {
		t.Errorf("without a secret: %v", err)
	}
	t.Setenv(s3SecretKey, "sesame-secret")
	s3, err := openFiles(&Config{Data: t.TempDir(), Storage: at})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := s3.(*blob.S3); !ok {
		t.Errorf("with --storage it is %T", s3)
	}
	if err := s3.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestStorageOption(t *testing.T) {
	good := Config{SessionsDevice: 1, IdleLife: 1, AbsoluteLife: 1, MaxBody: 1, MaxUpload: 1, UploadLimit: 1, PictureCache: 1}
	for storage, says := range map[string]string{
		"": "", "s3://files": "", "s3://me:sesame@files": "credentials", "s3://files?secret=sesame": "--storage", "/var/files": "--storage",
	} {
		c := good
		c.Storage = storage
		err := c.Validate()
		if (err == nil) != (says == "") || err != nil && (!strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "sesame")) {
			t.Errorf("%q: %v", storage, err)
		}
	}
	c := good
	c.UploadLimit = 0
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "--upload-limit") {
		t.Errorf("no room for uploads: %v", err)
	}
}
