using System.Text.Json.Serialization;

namespace Cencori.Edge.Storage;

/// <summary>The prices of a provider's model, in US dollars. The price file, the settings of a project and the code use this same form.</summary>
public sealed record ModelPrice
{
    /// <summary>Id of the provider.</summary>
    public required string Provider { get; init; }

    /// <summary>The model's name as it is sent to the provider, or the beginning of the name and <c>*</c>. Case and surrounding spaces are ignored.</summary>
    public required string Model { get; init; }

    /// <summary>Price per million input tokens. Null: tokens have no price.</summary>
    public decimal? Input { get; init; }

    /// <summary>Price per million input tokens read from the provider's cache. Null: same as <see cref="Input"/>.</summary>
    public decimal? CachedInput { get; init; }

    /// <summary>Price per million input tokens written to the provider's cache. Null: same as <see cref="Input"/>.</summary>
    public decimal? CacheWrite { get; init; }

    /// <summary>Price per million input tokens written to the cache for one hour. Null: same as <see cref="CacheWrite"/>.</summary>
    [JsonPropertyName("cache_write_1h")]
    public decimal? HourCacheWrite { get; init; }

    /// <summary>Price per million output tokens. Required if <see cref="Input"/> is set.</summary>
    public decimal? Output { get; init; }

    /// <summary>Price per million audio input tokens. Null: same as <see cref="Input"/>.</summary>
    public decimal? InputAudio { get; init; }

    /// <summary>Price per million audio input tokens read from the provider's cache. Null: same as <see cref="InputAudio"/>.</summary>
    public decimal? CachedInputAudio { get; init; }

    /// <summary>Price per million audio output tokens. Null: same as <see cref="Output"/>.</summary>
    public decimal? OutputAudio { get; init; }

    /// <summary>Price per million image input tokens. Null: same as <see cref="Input"/>.</summary>
    public decimal? InputImage { get; init; }

    /// <summary>Price per million image input tokens read from the provider's cache. Null: same as <see cref="InputImage"/>.</summary>
    public decimal? CachedInputImage { get; init; }

    /// <summary>Price per million image output tokens. Null: same as <see cref="Output"/>.</summary>
    public decimal? OutputImage { get; init; }

    /// <summary>Price per generated image. Null: images have no price.</summary>
    public decimal? PerImage { get; init; }

    /// <summary>Price per minute of audio. Null: minutes have no price.</summary>
    public decimal? PerMinute { get; init; }

    /// <summary>The first day, UTC, on which the price applies. Null: it has always applied.</summary>
    public DateOnly? From { get; init; }

    /// <summary>The service tier whose responses have this price: <c>flex</c>, <c>priority</c>. Null: all tiers without their own price.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>The price applies only to requests with more input tokens than this, and then to the whole request. Null: to requests of any length.</summary>
    public long? AboveInputTokens { get; init; }

    /// <summary>Where the price was published, for people. Not used by the edge.</summary>
    public string? Source { get; init; }

    /// <summary>The day on which the source showed this price.</summary>
    public DateOnly? AsOf { get; init; }
}
