package docker

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/distribution/reference"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
)

// reaperImage is that of testcontainers' reaper, which it lets nobody else name.
var reaperImage = testcontainers.ReaperDefaultImage //nolint:staticcheck // deprecated without a replacement

// CheckImage returns why image cannot be the name of one.
func CheckImage(image string) error {
	if _, err := reference.ParseNormalizedNamed(image); err != nil {
		return fmt.Errorf("%q is not the name of an image: %w", printable(image), err)
	}
	return nil
}

// Missing returns the images that Run needs for image and that the engine does not
// have: itself, and that of the reaper, unless it is turned off.
func (e *Engine) Missing(ctx context.Context, image string) ([]string, error) {
	config := testcontainers.ReadConfig()
	needed := []string{prefixed(config, image)}
	if !config.RyukDisabled {
		needed = append(needed, prefixed(config, reaperImage))
	}
	var missing []string
	for _, name := range needed {
		_, err := e.client.ImageInspect(ctx, name)
		switch {
		case errdefs.IsNotFound(err):
			missing = append(missing, name)
		case err != nil:
			return nil, fmt.Errorf("look for the image %s: %w", printable(name), e.reduced(ctx, err))
		}
	}
	return missing, nil
}

// prefixed returns the name that testcontainers has for an image of Docker Hub where
// its variable TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX, or its property, is set.
func prefixed(config testcontainers.TestcontainersConfig, image string) string {
	prefix := config.Config.HubImageNamePrefix
	first, _, more := strings.Cut(image, "/")
	elsewhere := more && (strings.ContainsAny(first, ".:") || first == "localhost")
	if prefix == "" || elsewhere {
		return image
	}
	return path.Join(prefix, image)
}

// Pull fetches an image to the engine.
func (e *Engine) Pull(ctx context.Context, image string) error {
	limited, cancel := context.WithTimeout(ctx, pullLimit)
	defer cancel()
	_, err := guarded(func() (struct{}, error) {
		provider, err := testcontainers.NewDockerProvider()
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, provider.PullImage(limited, image) // which closes the provider
	})
	if ctx.Err() != nil {
		return fmt.Errorf("pull the image %s: %w", printable(image), ctx.Err())
	}
	return e.pulled(image, err)
}

// Pullable returns why the engine could not pull an image, which it asks the registry
// for.
func (e *Engine) Pullable(ctx context.Context, image string) error {
	limited, cancel := context.WithTimeout(ctx, pullableLimit)
	defer cancel()
	_, err := e.client.DistributionInspect(limited, image, client.DistributionInspectOptions{})
	if ctx.Err() != nil {
		return fmt.Errorf("ask for the image %s: %w", printable(image), ctx.Err())
	}
	return e.pulled(image, err)
}

func (e *Engine) pulled(image string, err error) error {
	switch {
	case err == nil:
		return nil
	case strings.HasSuffix(image, reaperImage):
		return fmt.Errorf("the image of the reaper of testcontainers, %s, is not on the Docker engine and cannot be pulled; "+
			"do without it: TESTCONTAINERS_RYUK_DISABLED=true", printable(image))
	}
	return fmt.Errorf("the image %s is not on the Docker engine and cannot be pulled; "+
		"check its name and the network, or choose one that is there", printable(image))
}
