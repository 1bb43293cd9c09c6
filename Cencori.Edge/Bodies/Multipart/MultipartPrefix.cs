using System.Text;

namespace Cencori.Edge.Bodies.Multipart;

/// <summary>The beginning of a multipart body, up to its model and what came along with it, and the way to the rest.</summary>
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

    /// <summary>The field <c>model</c>, 1 to 256 characters; null when the form has none.</summary>
    public string? Model { get; }

    /// <summary>Its parts, where all of it is held. Null: only the beginning is.</summary>
    internal IReadOnlyList<FormPart>? Parts { get; }

    /// <summary>What is held.</summary>
    internal ReadOnlySpan<byte> Span => _held.Span;

    /// <summary>Bytes held.</summary>
    public int Length => _held.Length;

    /// <summary>What has to change in the form to name another model.</summary>
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

    /// <summary>What has to change in a form without a model to name one: a field in front of all others.</summary>
    /// <exception cref="ArgumentException">The name has a line break, which could forge a boundary.</exception>
    public Splice InsertModel(string model)
    {
        ThrowIfBroken(model);
        return new(new(0, 0), (byte[])[.. _boundary, .. "\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n"u8, .. Encoding.UTF8.GetBytes(model), .. "\r\n"u8]);
    }

    /// <summary>Opens the whole body, once: what is held, then the rest as it comes. A read fails with <see cref="InvalidDataException"/> where
    /// the rest turns out to name a second model, and with <see cref="ObjectDisposedException"/> once this is disposed.</summary>
    /// <param name="splices">Changes of what is held, sorted.</param>
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
