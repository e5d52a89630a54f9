package render_test

import (
	"bytes"
	"flag"
	"image"
	"image/color/palette"
	"image/draw"
	"image/png"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/markdown"
	"github.com/fanout-bench/fanout-bench/internal/long"
)

var (
	commentFile = flag.String("comment", "", "have TestLongPicture show the comment in `FILE`")
	pictureFile = flag.String("picture", "", "have TestLongPicture write its picture to `FILE`")
)

// TestLongPicture shows a comment about as GitHub does, with its call tree unfolded, and
// requires that it fits. 'make picture' draws docs/comment.png with it.
func TestLongPicture(t *testing.T) {
	long.Test(t)
	text := []byte(markdown.Comment(documented()))
	if *commentFile != "" {
		var err error
		if text, err = os.ReadFile(*commentFile); err != nil {
			t.Fatal(err)
		}
	}
	text = bytes.ReplaceAll(text, []byte("❌"), []byte(`<b class="bad">✖</b>`)) // fonts for emoji are rare
	var page bytes.Buffer
	page.WriteString(`<!DOCTYPE html><meta charset="utf-8"><style>
body { margin: 0; } .bad { color: #d1242f; }
article { width: 780px; padding: 2px 18px 10px; box-sizing: border-box; color: #1f2328; background: #fff; border: 1px solid #d1d9e0; border-radius: 6px; font: 14px/1.5 system-ui, sans-serif; }
h3 { margin: 12px 0; font-size: 17px; } p, details { margin: 0 0 12px; }
code { padding: 2px 5px; border-radius: 5px; background: #eff1f3; font: 12px ui-monospace, monospace; }
pre { margin: 8px 0; padding: 10px; border-radius: 6px; background: #f6f8fa; line-height: 1.4; } pre code { padding: 0; background: none; line-height: 1.4; }
table { margin: 0 0 12px; border-collapse: collapse; } th, td { padding: 4px 12px; border: 1px solid #d1d9e0; text-align: left; }
</style><article>`)
	markdown := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	if err := markdown.Convert(text, &page); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "comment.html")
	if err := os.WriteFile(file, page.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	b := start(t)
	var picture []byte
	b.do(chromedp.EmulateViewport(780, 600), chromedp.Navigate((&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String()),
		chromedp.Evaluate(`document.querySelector("details").open = true`, nil))
	b.expect(`document.documentElement.scrollWidth <= 780 && document.querySelector("pre").scrollWidth <= document.querySelector("pre").clientWidth`, "true")
	b.do(chromedp.Screenshot("article", &picture, chromedp.ByQuery))
	drawn, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	few := image.NewPaletted(drawn.Bounds(), palette.Plan9) // a third of the bytes
	draw.Draw(few, few.Bounds(), drawn, drawn.Bounds().Min, draw.Src)
	var small bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, few); err != nil {
		t.Fatal(err)
	}
	if few.Bounds().Dx() != 780 || small.Len() > 60_000 {
		t.Errorf("%d bytes, %v", small.Len(), few.Bounds())
	}
	if *pictureFile != "" {
		if err := os.WriteFile(*pictureFile, small.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
