using System.Text;

namespace Cencori.Edge.Bodies.Multipart;

/// <summary>Where a <see cref="MultipartScanner"/> stopped.</summary>
internal enum MultipartProgress
{
    NeedsMore,
    Model,
    End,
    Malformed,
}

/// <summary>Scans a multipart body that arrives in pieces, part by part, and finds the field <c>model</c>. Each call receives the bytes of the last
/// call plus the newly arrived bytes, minus the discarded ones.</summary>
internal sealed class MultipartScanner(string boundary)
{
    private const int MaxHeaderBytes = 16 * 1024;
    private const int MaxPaddingBytes = 64;
    private const int MaxModelBytes = MultipartModelReader.MaxModelLength * 4;

    private readonly byte[] _delimiter = Encoding.ASCII.GetBytes("\r\n--" + boundary);
    private Step _step;
    private ByteRange _headers;
    private string _name = "";
    private bool _isFile;
    private int _contentStart;
    private bool _isModel;
    private bool _hasModel;

    private enum Step
    {
        FirstBoundary,
        AfterBoundary,
        Headers,
        Content,
        End,
    }

    /// <summary>The boundary as it appears in the body.</summary>
    public ReadOnlySpan<byte> Boundary => _delimiter.AsSpan(2);

    /// <summary>Everything before this offset has been processed.</summary>
    public int Position { get; private set; }

    /// <summary>Receives each part. Offsets are valid only while <see cref="Discard"/> is not called. Default null: parts are not collected.</summary>
    public List<FormPart>? Parts { get; init; }

    /// <summary>The model's value. Set after <see cref="MultipartProgress.Model"/>.</summary>
    public ByteRange Model { get; private set; }

    /// <summary>The problem. Set after <see cref="MultipartProgress.Malformed"/>.</summary>
    public RequestProblem Problem { get; private set; }

    /// <summary>Continues until the model is complete, the closing boundary is reached, or the bytes run out.</summary>
    public MultipartProgress Advance(ReadOnlySpan<byte> body)
    {
        while (true)
        {
            var progress = _step switch
            {
                Step.FirstBoundary => ReadFirstBoundary(body),
                Step.AfterBoundary => ReadAfterBoundary(body),
                Step.Headers => ReadHeaders(body),
                Step.Content => ReadContent(body),
                _ => MultipartProgress.End,
            };
            if (progress is { } stop)
            {
                return stop;
            }
        }
    }

    /// <summary>Call after dropping the bytes before <see cref="Position"/>. Allowed only after the model was found.</summary>
    public void Discard()
    {
        _contentStart -= Position;
        Position = 0;
    }

    // A body must begin with its boundary: some parsers skip bytes before it and others refuse them. No client sends any.
    private MultipartProgress? ReadFirstBoundary(ReadOnlySpan<byte> body)
    {
        var first = _delimiter.AsSpan(2);
        if (!first.StartsWith(body[..Math.Min(body.Length, first.Length)]))
        {
            return Refuse("The multipart body does not begin with its boundary.");
        }

        return body.Length < first.Length ? MultipartProgress.NeedsMore : Next(Step.AfterBoundary, first.Length);
    }

    private MultipartProgress? ReadAfterBoundary(ReadOnlySpan<byte> body)
    {
        var rest = body[Position..];
        if (rest.StartsWith("--"u8))
        {
            return CompleteModel() ?? Next(Step.End, Position + 2);
        }

        var padding = rest.IndexOfAnyExcept((byte)' ', (byte)'\t');
        var behind = padding < 0 ? [] : rest[padding..];
        if ((padding < 0 ? rest.Length : padding) > MaxPaddingBytes)
        {
            return Refuse("The multipart body has other bytes after a boundary.");
        }

        if (behind.StartsWith("\r\n"u8))
        {
            return CompleteModel() ?? Next(Step.Headers, Position + padding + 2);
        }

        return behind.IsEmpty || behind is [(byte)'\r'] || rest is [(byte)'-']
            ? MultipartProgress.NeedsMore
            : Refuse("The multipart body has other bytes after a boundary.");
    }

    // Reports the model once. The scanner stays at the boundary: the next call reads the boundary again, and continues after it.
    private MultipartProgress? CompleteModel()
    {
        if (!_isModel)
        {
            return null;
        }

        _isModel = false;
        _hasModel = true;
        return MultipartProgress.Model;
    }

    private MultipartProgress? ReadHeaders(ReadOnlySpan<byte> body)
    {
        var end = body[Position..].IndexOf("\r\n\r\n"u8);
        if (end > MaxHeaderBytes || (end < 0 && body.Length - Position > MaxHeaderBytes + 3))
        {
            return Refuse("A part of the multipart body has too many headers.");
        }

        if (end < 0)
        {
            return MultipartProgress.NeedsMore;
        }

        if (MultipartPartHeaders.Read(body.Slice(Position, end), out _isModel, out _name, out _isFile) is { } problem)
        {
            return Refuse(problem);
        }

        if (_isModel && _hasModel)
        {
            return Refuse(new RequestProblem("The field 'model' is repeated.", "model"));
        }

        _headers = new(Position, end);
        _contentStart = Position + end + 4;
        return Next(Step.Content, _contentStart - 2);
    }

    private MultipartProgress? ReadContent(ReadOnlySpan<byte> body)
    {
        var found = body[Position..].IndexOf(_delimiter);
        if (found < 0)
        {
            // Keeps the last bytes for the next call: they may be the start of a delimiter.
            Position = Math.Max(Position, body.Length - _delimiter.Length + 1);
            return _isModel && Position - _contentStart > MaxModelBytes ? RefuseLongModel() : MultipartProgress.NeedsMore;
        }

        var end = Position + found;
        if (end < _contentStart)
        {
            // Some parsers read a boundary directly after the headers as the end of an empty part, others as content.
            return Refuse("A part of the multipart body begins with the boundary.");
        }

        if (_isModel && end - _contentStart > MaxModelBytes)
        {
            return RefuseLongModel();
        }

        Parts?.Add(new(_name, _isFile, _headers, new(_contentStart, end - _contentStart)));
        Model = _isModel ? new(_contentStart, end - _contentStart) : Model;
        return Next(Step.AfterBoundary, end + _delimiter.Length);
    }

    private MultipartProgress? Next(Step step, int position)
    {
        _step = step;
        Position = position;
        return null;
    }

    private MultipartProgress RefuseLongModel() => Refuse(MultipartModelReader.LongModel);

    private MultipartProgress Refuse(string message) => Refuse(new RequestProblem(message, null));

    private MultipartProgress Refuse(RequestProblem problem)
    {
        Problem = problem;
        return MultipartProgress.Malformed;
    }
}
