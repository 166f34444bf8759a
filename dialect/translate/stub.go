package translate

func MessagesToChat(body []byte, o Options) (Request, error)          { panic("stub") }
func CompletionToMessage(out, body []byte, c Context) ([]byte, error) { panic("stub") }

type CompletionStream struct{}

func NewCompletionStream(c Context) *CompletionStream                   { panic("stub") }
func (s *CompletionStream) Event(out, typ, data []byte) ([]byte, error) { panic("stub") }
func (s *CompletionStream) End(out []byte) []byte                       { panic("stub") }
func ErrorToAnthropic(out []byte, status int, body []byte) []byte       { panic("stub") }
