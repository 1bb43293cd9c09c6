using System.Text;
using Cencori.Edge.Bodies.Buffers;
using Cencori.Edge.Bodies.Splicing;

namespace Cencori.Edge.Bodies.Multipart;

/// <summary>
/// The buffered start of a multipart body: everything up to its model, and the bytes that arrived together with it. Also opens the whole
/// body.
/// </summary>
public sealed class MultipartPrefix : IDisposable
{
    private readonly PooledBody _held;
    private readonly Stream _rest;
    private readonly RepeatedModelGuard _guard;
    private readonly ByteRange _modelRange;
    private readonly byte[] _boundary;

    internal MultipartPrefix(PooledBody held, Stream rest, MultipartScanner scanner, string? model)
    {
        _held = held;
        _rest = rest;
        _guard = new RepeatedModelGuard(scanner, held.Span[scanner.Position..]);
        _modelRange = scanner.Model;
        _boundary = scanner.Boundary.ToArray();
        Parts = scanner.Parts;
        Model = model;
    }

    /// <summary>The field <c>model</c>, 1 to 256 characters. Null when the form has none.</summary>
    public string? Model { get; }

    /// <summary>The parts of the form when it is buffered whole. Null when only the start is buffered.</summary>
    internal IReadOnlyList<FormPart>? Parts { get; }

    /// <summary>The buffered bytes.</summary>
    internal ReadOnlySpan<byte> Span => _held.Span;

    /// <summary>Number of bytes buffered.</summary>
    public int Length => _held.Length;

    /// <summary>The splice that replaces the model of the form.</summary>
    /// <exception cref="InvalidOperationException">The form has no model.</exception>
    /// <exception cref="ArgumentException">The name has a line break, which could forge a boundary.</exception>
    public Splice ReplaceModel(string model)
    {
        if (Model is null)
        {
            throw new InvalidOperationException("The form has no model to replace.");
        }

        ThrowIfBroken(model);
        return new(_modelRange, Encoding.UTF8.GetBytes(model));
    }

    /// <summary>The splice that adds a model to a form without one: a field before all others.</summary>
    /// <exception cref="ArgumentException">The name has a line break, which could forge a boundary.</exception>
    public Splice InsertModel(string model)
    {
        ThrowIfBroken(model);
        return new(new(0, 0), (byte[])[.. _boundary, .. "\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n"u8, .. Encoding.UTF8.GetBytes(model), .. "\r\n"u8]);
    }

    /// <summary>Opens the whole body, once: the buffered bytes, then the rest as it arrives. A read throws <see cref="InvalidDataException"/> when the rest
    /// names a second model, and <see cref="ObjectDisposedException"/> after this object is disposed.</summary>
    /// <param name="splices">Changes to the buffered bytes, sorted by position.</param>
    public Stream OpenStream(params Splice[] splices) => new PooledBodyStream(_held, splices, new GuardedStream(_rest, _guard));

    public void Dispose() => _held.Dispose();

    private static void ThrowIfBroken(string model)
    {
        if (model.AsSpan().ContainsAny('\r', '\n'))
        {
            throw new ArgumentException("A model in a form cannot have line breaks.", nameof(model));
        }
    }
}
