package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// save keeps the delegate's configuration for the later CHECK and DEL. It is
// written aside and renamed: a cut-off file would make DEL fail for ever.
func save(dir, containerID string, body []byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	path := filepath.Join(dir, containerID)
	if err := os.WriteFile(path+".tmp", body, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}

// load returns the saved configuration and its plugin's name, or nil if there is
// none.
func load(dir, containerID string) (string, []byte, error) {
	path := filepath.Join(dir, containerID)
	body, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	saved := struct {
		Type string `json:"type"`
	}{}
	if err := json.Unmarshal(body, &saved); err != nil || saved.Type == "" {
		return "", nil, fmt.Errorf("flannel: %s is not a saved configuration: %w", path, err)
	}
	return saved.Type, body, nil
}

func forget(dir, containerID string) error {
	err := os.Remove(filepath.Join(dir, containerID))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// withPrevResult adds the runtime's remembered result to the saved configuration.
func withPrevResult(saved, stdin []byte) ([]byte, error) {
	body, given := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	if err := json.Unmarshal(saved, &body); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(stdin, &given); err != nil {
		return nil, err
	}
	if prev, there := given["prevResult"]; there {
		body["prevResult"] = prev
	}
	return json.Marshal(body)
}
