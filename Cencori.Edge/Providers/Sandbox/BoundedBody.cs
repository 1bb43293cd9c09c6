namespace Cencori.Edge.Providers.Sandbox;

/// <summary>A request body in memory, up to the size that the sandbox accepts.</summary>
internal sealed class BoundedBody : MemoryStream
{
    public const int MaxBytes = 1 << 20;

    public bool IsTooLarge { get; private set; }

    public static async Task<BoundedBody> ReadAsync(HttpContent? content, CancellationToken cancellationToken)
    {
        var body = new BoundedBody();
        if (content is not null)
        {
            await content.CopyToAsync(body, cancellationToken);
        }

        return body;
    }

    // All other write methods call this one. Bytes above the limit are dropped, not refused: a client whose upload is stopped may never see the error.
    public override void Write(byte[] buffer, int offset, int count)
    {
        IsTooLarge |= count > MaxBytes - Length;
        if (!IsTooLarge)
        {
            base.Write(buffer, offset, count);
        }
    }

    public override void WriteByte(byte value) => Write([value], 0, 1);
}
