using System.Text;
using System.Text.Unicode;
using Cencori.Edge.Bodies.Buffers;

namespace Cencori.Edge.Bodies.Multipart;

/// <summary>Finds the model of a multipart request. Reads no further than necessary: files after the model are never buffered.</summary>
public static class MultipartModelReader
{
    internal const int MaxModelLength = 256;

    internal static RequestProblem LongModel => new($"'model' must not be longer than {MaxModelLength} characters.", "model");

    /// <summary>Reads up to the end of the field <c>model</c>, or to the closing boundary when there is no such field.</summary>
    /// <param name="body">The request body. Not disposed. The stream of the result continues to read it.</param>
    /// <param name="boundary">From <see cref="MultipartBoundary.TryParse"/>.</param>
    /// <param name="maxBytes">Number of bytes that may be buffered. If the model lies beyond, the request is too large.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <param name="share">The share from which memory is taken. Default null: memory is not counted.</param>
    /// <param name="readsWholeForm">True: buffers the whole form and lists its parts. Default false: buffers up to the model.</param>
    /// <exception cref="OverloadedException">The share has no room.</exception>
    public static async ValueTask<MultipartRead> ReadAsync(Stream body, string boundary, long maxBytes, CancellationToken cancellationToken, BufferShare? share = null, bool readsWholeForm = false)
    {
        var held = new PooledBody(expectedLength: null, share);
        try
        {
            var result = await ReadAsync(held, body, new MultipartScanner(boundary) { Parts = readsWholeForm ? [] : null }, maxBytes, cancellationToken);
            if (result.Prefix is null)
            {
                held.Dispose();
            }

            return result;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private static async ValueTask<MultipartRead> ReadAsync(
        PooledBody held, Stream body, MultipartScanner scanner, long maxBytes, CancellationToken cancellationToken)
    {
        var progress = MultipartProgress.NeedsMore;
        while (progress == MultipartProgress.NeedsMore)
        {
            if (await held.FillAsync(body, maxBytes, cancellationToken) == 0)
            {
                return new(null, new("The multipart body ends before its closing boundary.", null));
            }

            if (held.Length > maxBytes)
            {
                return default;
            }

            progress = scanner.Advance(held.Span);
        }

        string? model = null;
        if (progress == MultipartProgress.Model)
        {
            if (!TryDecode(held.Span.Slice(scanner.Model.Start, scanner.Model.Length), out model, out var problem))
            {
                return new(null, problem);
            }

            // Checks bytes that have already arrived after the model: they may contain a second model.
            progress = scanner.Advance(held.Span);
        }

        while (scanner.Parts is not null && progress == MultipartProgress.NeedsMore)
        {
            if (await held.FillAsync(body, maxBytes, cancellationToken) == 0)
            {
                return new(null, new("The multipart body ends before its closing boundary.", null));
            }

            if (held.Length > maxBytes)
            {
                return default;
            }

            progress = scanner.Advance(held.Span);
        }

        // Reads to the end: bytes after the closing boundary also belong to the body.
        while (scanner.Parts is not null && progress == MultipartProgress.End && await held.FillAsync(body, maxBytes, cancellationToken) > 0)
        {
            if (held.Length > maxBytes)
            {
                return default;
            }
        }

        return progress == MultipartProgress.Malformed
            ? new(null, scanner.Problem)
            : new(new MultipartPrefix(held, body, scanner, model), null);
    }

    private static bool TryDecode(ReadOnlySpan<byte> value, out string? model, out RequestProblem problem)
    {
        model = null;
        problem = value.IsEmpty ? new("'model' must not be empty.", "model")
            : !Utf8.IsValid(value) ? new("'model' is not valid UTF-8.", "model")
            : value.ContainsAny((byte)'\r', (byte)'\n') ? new("'model' must not have line breaks.", "model")
            : Encoding.UTF8.GetCharCount(value) > MaxModelLength ? LongModel
            : default;
        if (problem != default)
        {
            return false;
        }

        model = Encoding.UTF8.GetString(value);
        return true;
    }
}
