namespace Cencori.Edge.Metering;

/// <summary>The numbers of a provider's <c>usage</c>, in whatever names it has for them. Of several the last counts, number by number.</summary>
internal struct ReportedUsage
{
    // As xAI tells costs.
    private const decimal TicksPerUsd = 10_000_000_000;
    private const decimal MaxCost = 1_000_000_000_000_000_000;

    private long? _input;
    private bool _isInputWithCache;
    private long? _output;
    private long? _total;
    private long? _cached;
    private long? _cacheRead;
    private long? _cacheWritten;
    private long? _seconds;
    private long? _duration;
    private int _images;
    private long _cacheWrittenInside;
    private long _fiveMinutesWritten;
    private long _hourWritten;
    private long _audioInput;
    private long _cachedAudioInput;
    private long _imageInput;
    private long _cachedImageInput;
    private long _audioOutput;
    private long _imageOutput;
    private decimal? _cost;
    private decimal? _upstreamCost;
    private bool _isByok;

    /// <summary>At least one number of what is paid for was told.</summary>
    public readonly bool IsKnown => (_input ?? _output ?? _total ?? _seconds ?? _duration) is not null || _images > 0;

    /// <summary>Of the output, too, where there was any.</summary>
    public readonly bool TellsOutput => (_output ?? _total ?? _seconds ?? _duration) is not null || _images > 0;

    /// <summary>In US dollars; null where it is not told, or only in part.</summary>
    public readonly decimal? Cost => _isByok ? _cost + _upstreamCost : _cost;

    /// <summary>An image is paid for where nothing is told of tokens.</summary>
    public void AddImage() => _images++;

    /// <summary>Of sound, where its <c>usage</c> does not tell. In whole seconds, begun ones included.</summary>
    public void SetDuration(long seconds) => _duration = seconds;

    /// <summary>The model was paid for with a credential of the caller's own, and the cost is only what the provider in between takes.</summary>
    public void SetByok(bool isByok) => _isByok = isByok;

    public void SetCost(ResponseField field, decimal cost)
    {
        // Far beyond what anybody believes, and far below what sums can hold.
        if (Math.Abs(cost) > MaxCost)
        {
            return;
        }

        switch (field)
        {
            case ResponseField.Cost or ResponseField.TotalCost:
                _cost = cost;
                break;
            case ResponseField.CostTicks:
                _cost = cost / TicksPerUsd;
                break;
            case ResponseField.UpstreamCost:
                _upstreamCost = cost;
                break;
        }
    }

    public void Set(JsonLocation place, ResponseField field, long tokens)
    {
        switch (place, field)
        {
            case (_, ResponseField.PromptTokens):
                _input = tokens;
                _isInputWithCache = true;
                break;
            case (_, ResponseField.InputTokens):
                _input = tokens;
                _isInputWithCache = false;
                break;
            case (_, ResponseField.CompletionTokens or ResponseField.OutputTokens):
                _output = tokens;
                break;
            case (_, ResponseField.TotalTokens):
                _total = tokens;
                break;
            case (_, ResponseField.CachedTokens):
                _cached = tokens;
                break;
            case (_, ResponseField.CacheRead):
                _cacheRead = tokens;
                break;
            case (_, ResponseField.CacheWritten):
                _cacheWritten = tokens;
                break;
            case (_, ResponseField.CacheWrittenInside):
                _cacheWrittenInside = tokens;
                break;
            case (_, ResponseField.FiveMinutesWritten):
                _fiveMinutesWritten = tokens;
                break;
            case (_, ResponseField.HourWritten):
                _hourWritten = tokens;
                break;
            case (_, ResponseField.Seconds):
                _seconds = tokens;
                break;
            case (JsonLocation.InputDetails, ResponseField.AudioTokens):
                _audioInput = tokens;
                break;
            case (JsonLocation.InputDetails, ResponseField.ImageTokens):
                _imageInput = tokens;
                break;
            case (JsonLocation.CachedDetails, ResponseField.AudioTokens):
                _cachedAudioInput = tokens;
                break;
            case (JsonLocation.CachedDetails, ResponseField.ImageTokens):
                _cachedImageInput = tokens;
                break;
            case (JsonLocation.OutputDetails, ResponseField.AudioTokens):
                _audioOutput = tokens;
                break;
            case (JsonLocation.OutputDetails, ResponseField.ImageTokens):
                _imageOutput = tokens;
                break;
        }
    }

    public readonly TokenUsage Read()
    {
        var output = _output ?? 0;
        if ((_input ?? _output ?? _total) is null)
        {
            return new(0, 0, 0, IsEstimated: false, _images, _seconds ?? _duration ?? 0) { ReportedUsd = Cost };
        }

        if ((_input ?? _output) is null)
        {
            return new(_total ?? 0, Math.Min(_cached ?? 0, _total ?? 0), 0, IsEstimated: false) { Details = ReadDetails(0), ReportedUsd = Cost };
        }

        // Anthropic's own API leaves what was cached out of the input, and tells no total.
        var written = Math.Max(_cacheWritten ?? 0, _fiveMinutesWritten + _hourWritten);
        var outside = _isInputWithCache || _total is not null ? 0 : (_cacheRead ?? 0) + written;
        var input = (_input ?? 0) + outside;

        // Some leave reasoning out of the output and count it in the total all the same.
        output = Math.Max(output, (_total ?? 0) - input);
        return new(input, Math.Min(_cached ?? _cacheRead ?? 0, input), output, IsEstimated: false) { Details = ReadDetails(written), ReportedUsd = Cost };
    }

    private readonly TokenDetails ReadDetails(long written) => new()
    {
        CacheWrites = Math.Max(written, _cacheWrittenInside),
        HourCacheWrites = _hourWritten,
        AudioInput = _audioInput,
        CachedAudioInput = _cachedAudioInput,
        ImageInput = _imageInput,
        CachedImageInput = _cachedImageInput,
        AudioOutput = _audioOutput,
        ImageOutput = _imageOutput,
    };
}
