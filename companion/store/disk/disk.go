// Package disk is the companion's own store: a directory of files, for one process.
//
// Entries are records that are only ever appended, in files of at most a thirty-second of
// the store's size. In memory is, for each entry, where its record is and a short code of
// its vector (see index.go); a search compares codes (see search.go) and reads from the
// files only what it proposes, which it compares exactly.
//
// What is promised:
//   - What Put or Delete returned for survives the end of the process, whatever ends it. A
//     loss of power takes at most what was written in the last Options.Sync, and corrupts
//     nothing: a record that is not whole is recognised by its checksum, and skipped.
//   - One process has a directory; another that opens it gets ErrInUse.
//   - The files take at most Options.MaxBytes, and are of at most Options.MaxEntries.
//   - Writing does not hold up looking up: the lock that both need is held for copying a
//     batch's codes, and never for the disk.
package disk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sluice-gateway/sluice/companion/store"
)

// Options says how much is kept, and how safely. The zero value is the default.
type Options struct {
	// MaxEntries is the most entries that are kept; 0 = 1,000,000. Memory is about 310
	// bytes for each entry that there is, with vectors of 384 numbers.
	MaxEntries int
	// MaxBytes is the most that the files take; 0 = 8 GiB, at least 1 MiB. Entries take at
	// most five eighths of it, the rest is room for what has been replaced and not yet
	// been cleared away. One entry may have a thirty-second.
	MaxBytes int64
	// HalfLife is the time in which an entry that is not used loses half of its value:
	// the value is (1 + Saves) * 2^(-time since its last use / HalfLife), and what has
	// least of it goes first. 0 = 24 h.
	HalfLife time.Duration
	// Sync is how long written records may stay in the system's memory, where a loss of
	// power takes them; 0 = 100 ms. Negative: no Put or Delete returns before its records
	// are on the disk.
	Sync time.Duration
	// Background makes Open return before the files are read. Until then Ready and all
	// else return ErrLoading.
	Background bool
	// Log is told what of the files cannot be read when they are opened; nil = nobody is.
	Log *slog.Logger
	// Now is the clock that eviction and clearing away what is out of date go by; nil =
	// time.Now.
	Now func() time.Time
}

var (
	// ErrInUse is the error for a directory that another process has open.
	ErrInUse = errors.New("in use by another process")
	// ErrLoading is the error while the files are being read.
	ErrLoading = errors.New("still reading its files")
	// ErrClosed is the error after Close.
	ErrClosed = errors.New("closed")
	// ErrTooLarge is the error for an entry that is over its share of the store.
	ErrTooLarge = errors.New("too large")
)

// Store is an open directory.
type Store struct {
	dir     string
	options Options
	lock    *os.File

	mu     sync.RWMutex // of index, log.segments and closed; only the writer locks it for writing
	index  *index
	log    log
	closed bool

	ops     chan *op
	quit    chan struct{}
	once    sync.Once
	stopped chan struct{} // the writer has ended

	loaded   chan struct{}
	loadErr  error         // set before loaded is closed
	progress atomic.Uint32 // percent

	evicted, corrupt atomic.Int64
	scratch          sync.Pool // of *scratch
}

var _ store.Store = (*Store)(nil)

// Open opens a directory, and makes it where there is none. Reading 1,000,000 entries takes
// seconds; it can be done in the background.
func Open(ctx context.Context, dir string, o Options) (*Store, error) {
	if o.MaxEntries == 0 {
		o.MaxEntries = 1000000
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 8 << 30
	}
	if o.HalfLife == 0 {
		o.HalfLife = 24 * time.Hour
	}
	if o.Sync == 0 {
		o.Sync = 100 * time.Millisecond
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxEntries < 1 || o.MaxEntries > 1<<30 || o.MaxBytes < 1<<20 || o.HalfLife < time.Second {
		return nil, fmt.Errorf("disk: %s: a store of %d entries (1 to 2^30), %d bytes (at least 2^20) and a half-life of %s (at least 1s)", dir, o.MaxEntries, o.MaxBytes, o.HalfLife)
	}
	s := &Store{
		dir: dir, options: o, ops: make(chan *op, 1024),
		quit: make(chan struct{}), stopped: make(chan struct{}), loaded: make(chan struct{}),
	}
	if err := s.open(); err != nil {
		return nil, fmt.Errorf("disk: %s: %w", dir, err)
	}
	s.index = newIndex(o.MaxEntries)
	go s.run()
	if o.Background {
		return s, nil
	}
	select {
	case <-s.loaded:
	case <-ctx.Done():
		_ = s.Close()
		return nil, fmt.Errorf("disk: %s: open: %w", dir, context.Cause(ctx))
	}
	if s.loadErr != nil {
		_ = s.Close()
		return nil, fmt.Errorf("disk: %s: open: %w", dir, s.loadErr)
	}
	return s, nil
}

func (s *Store) open() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	// Looked at before anything is written there, be it the lock.
	if _, _, err := readFormat(s.dir, format); err != nil {
		return err
	}
	f, err := lock(filepath.Join(s.dir, "lock"))
	if err != nil {
		return err
	}
	mark, err := prepare(s.dir, format, upgrades)
	if err != nil {
		_ = f.Close()
		return err
	}
	s.lock, s.log = f, log{dir: s.dir, mark: mark, limit: clamp(s.options.MaxBytes/32, 0, 64<<20), segments: map[uint32]*segment{}}
	return nil
}

// check is the beginning of every call.
func (s *Store) check(ctx context.Context, what string) error {
	if err := ctx.Err(); err != nil {
		return s.failed(what, err)
	}
	select {
	case <-s.quit:
		return s.failed(what, ErrClosed)
	default:
	}
	select {
	case <-s.loaded:
		if s.loadErr != nil {
			return s.failed(what, s.loadErr)
		}
		return nil
	default:
		return s.failed(what, fmt.Errorf("%w, %d %% done", ErrLoading, s.progress.Load()))
	}
}

func (s *Store) wrap(what string, err error) error {
	if err != nil {
		return s.failed(what, err)
	}
	return nil
}

func (s *Store) failed(what string, err error) error {
	return fmt.Errorf("disk: %s: %s: %w", s.dir, what, err)
}

// Ready is nil when the files have been read and can be written.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.check(ctx, "ready"); err != nil {
		return err
	}
	return s.wrap("ready", s.log.broken())
}

// Stats counts entries that are out of date until they have been cleared away, which takes
// a minute. Bytes are those of the files.
func (s *Store) Stats(ctx context.Context) (store.Stats, error) {
	if err := s.check(ctx, "stats"); err != nil {
		return store.Stats{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return store.Stats{}, s.failed("stats", ErrClosed)
	}
	return store.Stats{
		Entries:  int64(s.index.entries),
		Bytes:    s.log.total.Load(),
		Evicted:  s.evicted.Load(),
		Capacity: int64(s.options.MaxEntries),
		Damaged:  s.corrupt.Load(),
	}, nil
}

// LabelNames are the names of the entries' labels. While the files are being read it fails:
// not all are known.
func (s *Store) LabelNames(ctx context.Context) ([]string, error) {
	if err := s.Ready(ctx); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, s.failed("label names", ErrClosed)
	}
	return s.index.classes.labelNames(), nil
}

// Corrupt returns how many records were found damaged, and skipped, since Open.
func (s *Store) Corrupt() int64 { return s.corrupt.Load() }

// Close waits for the batch that is being written.
func (s *Store) Close() error {
	s.stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	err := s.log.sync()
	s.index.close()
	s.log.close()
	return s.wrap("close", errors.Join(err, s.lock.Close()))
}

// stop ends the writer.
func (s *Store) stop() {
	s.once.Do(func() { close(s.quit) })
	<-s.stopped
}
