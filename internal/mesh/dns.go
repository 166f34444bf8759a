package mesh

import (
	"errors"
	"net"
)

// DNS is a name server to which every name is this machine.
type DNS struct {
	Address string // HOST:PORT

	conn net.PacketConn
	done chan struct{}
}

// StartDNS serves names.
func StartDNS() (*DNS, error) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &DNS{Address: conn.LocalAddr().String(), conn: conn, done: make(chan struct{})}
	go s.serve()
	return s, nil
}

func (s *DNS) serve() {
	defer close(s.done)
	for packet := make([]byte, 512); ; {
		n, from, err := s.conn.ReadFrom(packet)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		if reply := here(packet[:n]); reply != nil {
			_, _ = s.conn.WriteTo(reply, from)
		}
	}
}

// Close ends it.
func (s *DNS) Close() error {
	err := s.conn.Close()
	<-s.done
	return err
}

// here answers a query, RFC 1035 section 4.1: a header of 12 bytes, of which 4 and 5 count
// questions and 6 and 7 answers, and one question, its name in labels, then type and class. It
// is nil for what is no such thing.
func here(query []byte) []byte {
	if len(query) < 12 || query[2]&0x80 != 0 || query[4] != 0 || query[5] != 1 {
		return nil
	}
	end := 12
	for end < len(query) && query[end] != 0 {
		end += 1 + int(query[end])
	}
	end += 5
	if end > len(query) {
		return nil
	}
	reply := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, query[12:end]...)
	if query[end-4] == 0 && query[end-3] == 1 { // A
		reply[7] = 1
		// The name of the question, its type and class, 60 s, four bytes.
		reply = append(reply, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1)
	}
	return reply
}
