using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Providers.Sandbox.Media;

/// <summary>A multipart form with an audio file. Only the length of the file is kept.</summary>
internal sealed class AudioForm
{
    private const int LongestField = 4_096;
    private const int MaxFields = 100;

    private readonly List<(string Name, string Value)> _fields = [];

    /// <summary>Bytes of the audio file; null if the form has none.</summary>
    public long? AudioBytes { get; private set; }

    /// <summary>The last field with this name.</summary>
    public string? this[string name] => _fields.LastOrDefault(field => field.Name == name).Value;

    public IEnumerable<string> All(string name) => _fields.Where(field => field.Name == name).Select(field => field.Value);

    /// <returns>The form. Null: the body is no form, or is malformed.</returns>
    public static async Task<AudioForm?> ReadAsync(HttpContent? content, CancellationToken cancellationToken)
    {
        var boundary = content?.Headers.ContentType is { MediaType: { } type } header && type.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            ? header.Parameters.FirstOrDefault(parameter => parameter.Name.Equals("boundary", StringComparison.OrdinalIgnoreCase))?.Value
            : null;
        if (content is null || string.IsNullOrEmpty(boundary?.Trim('"')))
        {
            return null;
        }

        // The multipart reader reads a stream, but HttpContent can only copy itself to a stream. A pipe connects the two, because audio is too large to buffer.
        var pipe = new Pipe();
        var writing = WriteAsync(content, pipe.Writer, cancellationToken);
        var form = new AudioForm();
        try
        {
            await form.ReadAsync(new MultipartReader(boundary.Trim('"'), pipe.Reader.AsStream()), cancellationToken);
            return form;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            return null;
        }
        finally
        {
            // The rest is read and dropped: a client that is stopped while it sends may never see the error.
            await pipe.Reader.CompleteAsync();
            await writing;
        }
    }

    private static async Task WriteAsync(HttpContent content, PipeWriter writer, CancellationToken cancellationToken)
    {
        Exception? fault = null;
        try
        {
            await content.CopyToAsync(writer.AsStream(leaveOpen: true), cancellationToken);
        }
        catch (Exception exception)
        {
            fault = exception;
            throw;
        }
        finally
        {
            await writer.CompleteAsync(fault);
        }
    }

    private async Task ReadAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
        {
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
            {
                continue;
            }

            var name = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
            if (name == "file")
            {
                AudioBytes = await CountAsync(section.Body, cancellationToken);
            }
            else if (_fields.Count < MaxFields)
            {
                _fields.Add((name, await ReadFieldAsync(section.Body, cancellationToken)));
            }
        }
    }

    private static async Task<long> CountAsync(Stream body, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            var count = 0L;
            while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                count += read;
            }

            return count;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Reads the beginning of a field, up to LongestField bytes. No field that the sandbox uses is longer. The multipart reader skips the rest.
    private static async Task<string> ReadFieldAsync(Stream body, CancellationToken cancellationToken)
    {
        var bytes = new byte[LongestField];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(bytes, 0, length);
    }
}
