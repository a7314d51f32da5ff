package bulk

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxZstdWindow bounds the memory that a Zstandard stream may ask for.
const maxZstdWindow = 128 << 20

// stream is a file opened for reading, unpacked and checked for being what its name says.
type stream struct {
	io.Reader
	file     *os.File
	unpacker *zstd.Decoder // nil unless the file is Zstandard
}

// Close releases the file and the unpacker.
func (s *stream) Close() error {
	if s.unpacker != nil {
		s.unpacker.Close()
	}
	return s.file.Close()
}

// countingReader counts what was read of the file as it is, for progress.
type countingReader struct {
	r io.Reader
	n *atomic.Int64
}

func (c countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// openText opens a file to be read from its beginning to its end. Bytes read of the file itself are added to read.
func openText(f inputFile, read *atomic.Int64) (*stream, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	s := &stream{file: file}
	if err := s.unpack(f, bufio.NewReaderSize(countingReader{r: file, n: read}, 128<<10)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// openWhole opens a file that is read from any place in it, as Parquet is, and gives its size. A packed one is unpacked into
// a temporary file that has no name any more, so that it is gone when it is closed, or the process dies.
func openWhole(f inputFile) (file *os.File, size int64, err error) {
	if f.compress == plain {
		if file, err = os.Open(f.path); err != nil {
			return nil, 0, fmt.Errorf("open: %w", err)
		}
		return file, f.size, nil
	}
	packed, err := openText(f, &atomic.Int64{})
	if err != nil {
		return nil, 0, err
	}
	if file, err = os.CreateTemp("", "lacuna-*.parquet"); err != nil {
		return nil, 0, errors.Join(fmt.Errorf("%s: make a temporary file to unpack into: %w", f.path, err), packed.Close())
	}
	unpacked := file
	defer func() {
		if err = errors.Join(err, packed.Close()); err != nil {
			err = errors.Join(fmt.Errorf("%s: unpack: %w", f.path, err), unpacked.Close())
		}
	}()
	if err := os.Remove(file.Name()); err != nil {
		return nil, 0, err
	}
	most := max(smallestBomb, bombRatio*f.size)
	if size, err = io.Copy(file, io.LimitReader(packed, most+1)); err != nil {
		return nil, 0, damaged(err)
	}
	if size > most {
		return nil, 0, fmt.Errorf("it unpacks to more than %d bytes, more than Parquet ever would: unpack it by hand if that is right", most)
	}
	_, err = file.Seek(0, io.SeekStart)
	return file, size, err
}

// Parquet is compressed within, so a packed one hardly shrinks. What grows beyond these is meant to fill the disk.
const (
	smallestBomb = 1 << 30
	bombRatio    = 100
)

// unpack sets the stream's reader to the file's content.
func (s *stream) unpack(f inputFile, raw *bufio.Reader) error {
	head, err := peek(raw, f.path)
	if err != nil {
		return err
	}
	if f.compress == plain {
		s.Reader = raw
		return checkContent(f, head)
	}
	found := sniff(head)
	if wanted := map[compression]content{gzipped: isGzip, zstded: isZstd}[f.compress]; found != wanted {
		return mismatch(f.path, string(f.format)+"."+string(f.compress), found)
	}
	var unpacked io.Reader
	if f.compress == gzipped {
		unpacked, err = gzip.NewReader(raw)
	} else {
		s.unpacker, err = zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxZstdWindow))
		unpacked = s.unpacker
	}
	if err != nil {
		return fmt.Errorf("%s: unpack: %w", f.path, damaged(err))
	}
	text := bufio.NewReaderSize(unpacked, 64<<10)
	if head, err = peek(text, f.path); err != nil {
		return err
	}
	s.Reader = text
	return checkContent(f, head)
}

func peek(r *bufio.Reader, path string) ([]byte, error) {
	head, err := r.Peek(sniffSize)
	if len(head) == 0 {
		if err == nil || errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s: holds nothing: was it written to its end?", path)
		}
		return nil, fmt.Errorf("%s: read: %w", path, damaged(err))
	}
	return head, nil
}

// damaged says what an unpacker's error means for the file.
func damaged(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the file is cut off, bring it again: %w", err)
	}
	return fmt.Errorf("the file is damaged, bring it again: %w", err)
}
