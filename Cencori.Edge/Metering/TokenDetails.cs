namespace Cencori.Edge.Metering;

/// <summary>Parts of a usage's tokens. Each is contained in one of the usage's own numbers.</summary>
public readonly record struct TokenDetails
{
    /// <summary>Input that the provider put into its cache.</summary>
    public long CacheWrites { get; init; }

    /// <summary>Those of <see cref="CacheWrites"/> that stay for an hour.</summary>
    public long HourCacheWrites { get; init; }

    /// <summary>Input that was sound.</summary>
    public long AudioInput { get; init; }

    /// <summary>Those of <see cref="AudioInput"/> that the provider had cached.</summary>
    public long CachedAudioInput { get; init; }

    /// <summary>Input that was images.</summary>
    public long ImageInput { get; init; }

    /// <summary>Those of <see cref="ImageInput"/> that the provider had cached.</summary>
    public long CachedImageInput { get; init; }

    /// <summary>Output that is sound.</summary>
    public long AudioOutput { get; init; }

    /// <summary>Output that is images.</summary>
    public long ImageOutput { get; init; }
}
