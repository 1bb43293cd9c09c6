namespace Cencori.Edge.Metering;

/// <summary>Token counts of a usage that may have their own price. Each count is included in the input or output total of the <see cref="TokenUsage"/>.</summary>
public readonly record struct TokenDetails
{
    /// <summary>Input tokens that the provider wrote to its cache.</summary>
    public long CacheWrites { get; init; }

    /// <summary>The part of <see cref="CacheWrites"/> that is cached for an hour.</summary>
    public long HourCacheWrites { get; init; }

    /// <summary>Audio input tokens.</summary>
    public long AudioInput { get; init; }

    /// <summary>The part of <see cref="AudioInput"/> that the provider read from its cache.</summary>
    public long CachedAudioInput { get; init; }

    /// <summary>Image input tokens.</summary>
    public long ImageInput { get; init; }

    /// <summary>The part of <see cref="ImageInput"/> that the provider read from its cache.</summary>
    public long CachedImageInput { get; init; }

    /// <summary>Audio output tokens.</summary>
    public long AudioOutput { get; init; }

    /// <summary>Image output tokens.</summary>
    public long ImageOutput { get; init; }
}
