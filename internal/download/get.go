//go:build linux || darwin

package download

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/oserr"
)

const (
	// dialLimit is what a machine without a way out waits in vain.
	dialLimit = 5 * time.Second
	// answerLimit bounds the wait for an answer to begin, not how long it takes.
	answerLimit = 30 * time.Second
	// stallLimit bounds the wait for more of an answer.
	stallLimit = 30 * time.Second
	// largest is several times the size, in bytes, of the largest archive.
	largest = 200 << 20
)

var httpClient = &http.Client{Transport: &http.Transport{
	Proxy:                 http.ProxyFromEnvironment,
	DialContext:           (&net.Dialer{Timeout: dialLimit}).DialContext,
	TLSHandshakeTimeout:   dialLimit,
	ResponseHeaderTimeout: answerLimit,
}}

// architectures are those of the archives, by Go's name.
var architectures = map[string]string{
	"linux/386": "i386", "linux/amd64": "amd64", "linux/arm": "arm32v7", "linux/arm64": "arm64v8",
	"linux/ppc64le": "ppc64le", "darwin/amd64": "amd64", "darwin/arm64": "arm64v8",
}

// archiveName returns the name of the archive for this machine.
func archiveName() (string, error) {
	architecture, ok := architectures[runtime.GOOS+"/"+runtime.GOARCH]
	if !ok {
		return "", fmt.Errorf("there are no programs to download for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	if _, err := os.Stat("/etc/alpine-release"); err == nil {
		architecture += "-alpine" // for its C library
	}
	return "embedded-postgres-binaries-" + runtime.GOOS + "-" + architecture, nil
}

// Reach reports whether the archive for this machine could be downloaded, without
// doing so.
func (c Cache) Reach(ctx context.Context) error {
	archive, err := archiveName()
	if err != nil {
		return err
	}
	_, err = c.checksum(ctx, c.url(archive)+".sha256")
	return err
}

func (c Cache) url(archive string) string {
	return strings.TrimSuffix(c.Repository, "/") + "/io/zonky/test/postgres/" +
		archive + "/" + Version + "/" + archive + "-" + Version + ".jar"
}

// get downloads the archive to folder and checks it against the checksum that the
// repository publishes with it.
func (c Cache) get(ctx context.Context, archive, folder string) (_ *os.File, err error) {
	url := c.url(archive)
	// First, as it is short: there is no use for an archive without it.
	sum, err := c.checksum(ctx, url+".sha256")
	if err != nil {
		return nil, err
	}
	flowing, stop := context.WithCancel(ctx)
	defer stop()
	answer, err := c.ask(flowing, url)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	if c.Notify != nil {
		size := ""
		if answer.ContentLength > 0 {
			size = fmt.Sprintf(" (%.1f MB)", float64(answer.ContentLength)/1e6)
		}
		c.Notify(fmt.Sprintf("Downloading PostgreSQL %s%s from %s, once; it is kept in %s.", Version, size, c.shownRepository(), c.Shown()))
	}
	file, err := os.Create(filepath.Join(folder, "archive"))
	if err != nil {
		return nil, oserr.WithoutPath(err)
	}
	defer func() {
		if err != nil {
			_ = file.Close()
		}
	}()
	hash := sha256.New()
	stalled := time.AfterFunc(c.stallLimit(), stop)
	defer stalled.Stop()
	n, err := io.Copy(io.MultiWriter(file, hash), io.TeeReader(io.LimitReader(answer.Body, largest+1), writing(func() {
		stalled.Reset(c.stallLimit())
	})))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case flowing.Err() != nil:
		return nil, fmt.Errorf("nothing came for %s; run again", c.stallLimit())
	case errors.As(err, new(*fs.PathError)):
		return nil, oserr.WithoutPath(err)
	case err != nil:
		return nil, errors.New("the connection ended before the archive did; run again")
	case n > largest:
		return nil, errors.New("the archive is far larger than any there is")
	case hex.EncodeToString(hash.Sum(nil)) != sum:
		return nil, errors.New("the archive does not have the checksum published with it; run again, " +
			"and if that does not help, do not trust the repository")
	}
	return file, nil
}

// writing is called whenever something is written.
type writing func()

func (w writing) Write(p []byte) (int, error) {
	w()
	return len(p), nil
}

func (c Cache) stallLimit() time.Duration { return cmp.Or(c.stall, stallLimit) }

// checksum returns the SHA-256 at url, in hexadecimal digits.
func (c Cache) checksum(ctx context.Context, url string) (string, error) {
	answer, err := c.ask(ctx, url)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
	if err != nil {
		return "", errors.New("the connection ended before the checksum did; run again")
	}
	// Some repositories add the name of the file.
	fields := strings.Fields(string(text))
	if len(fields) == 0 || len(fields[0]) != 2*sha256.Size {
		return "", errors.New("what is published as the checksum is none")
	}
	return strings.ToLower(fields[0]), nil
}

// ask asks for url and returns the answer if it is good.
func (c Cache) ask(ctx context.Context, url string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil || request.URL.Host == "" || request.URL.Scheme != "http" && request.URL.Scheme != "https" {
		return nil, errors.New("FANOUT_MAVEN_URL is not a URL that begins with https:// or http://")
	}
	answer, err := httpClient.Do(request)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("%s cannot be reached; check the network, or set FANOUT_MAVEN_URL to a mirror", c.shownRepository())
	case answer.StatusCode != http.StatusOK:
		_ = answer.Body.Close()
		return nil, fmt.Errorf("%s answers %d; set FANOUT_MAVEN_URL to a repository that has io.zonky.test.postgres",
			c.shownRepository(), answer.StatusCode)
	}
	return answer, nil
}

func (c Cache) shownRepository() string {
	if c.Repository == Central {
		return "Maven Central"
	}
	return "the repository FANOUT_MAVEN_URL names"
}
