using System.Text.Json;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Models;

namespace Cencori.Edge.Bodies.Scanning;

/// <summary>Reads the top-level properties of a JSON body in one pass and keeps what the edge uses. RequestFieldReader.Values.cs reads their
/// values.</summary>
internal ref partial struct RequestFieldReader
{
    private const int MaxModelLength = 256;
    private const int MaxEscapedTierLength = 32 * 6;
    private const int MaxEscapedModelLength = MaxModelLength * 6;

    // Number of times that one body may repeat "model". A rewrite replaces every occurrence, so a small body could otherwise grow into a huge one.
    private const int MaxModelOccurrences = 16;

    private static readonly JsonReaderOptions Strict = new()
    {
        MaxDepth = RequestScanner.MaxDepth,
        CommentHandling = JsonCommentHandling.Disallow,
    };

    private readonly ReadOnlySpan<byte> _body;
    private readonly int _start;
    private readonly CheckedFields _checks;
    private readonly NotedFields _notedFields;
    private Utf8JsonReader _reader;
    private RequestProblem _problem;
    private ByteRange? _model;
    private List<ByteRange>? _earlierModels;
    private bool _hasNullModel;
    private bool _namesOtherModels;
    private bool _listsWebSearch;
    private bool? _stream;
    private ByteRange? _streamOptions;
    private ByteRange? _nullStreamOptions;
    private bool? _includeUsage;
    private long? _outputBound;
    private bool _isUnbounded;
    private long? _choices;
    private long _prompts = 1;
    private long _inputTextBytes;
    private bool _hasMessages;
    private bool _hasUnboundedInput;
    private string? _serviceTier;
    private bool _isBackground;
    private List<NotedField>? _noted;
    private List<Splice>? _renames;
    private string? _inOtherCase;
    private int _nativeNames;
    private int _plainNames;
    private ModelAbilities _requiredAbilities;
    private RequestLabels? _labels;
    private List<string>? _storedIds;
    private List<string>? _innerStoredIds;
    private ulong _prefix;
    private int _prefixed;

    public RequestFieldReader(ReadOnlySpan<byte> body, int start, CheckedFields checks, NotedFields fieldsToNote)
    {
        (_checks, _notedFields) = (checks, fieldsToNote);
        _body = body;
        _start = start;
        _reader = new Utf8JsonReader(body[start..], Strict);
    }

    /// <summary>Number of open objects and arrays. The reader's own depth does not count the container that it has just entered.</summary>
    public readonly int Depth =>
        _reader.CurrentDepth + (_reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray ? 1 : 0);

    public readonly bool IsPastEnd => _reader.TokenType == JsonTokenType.EndObject && _reader.CurrentDepth == 0;

    /// <exception cref="JsonException">The body is not JSON.</exception>
    public bool TryRead(out RequestScan scan, out RequestProblem problem)
    {
        scan = default;
        problem = default;
        if (!TryReadFields(out var insertOffset, out var isEmpty) || !TryGetModel(out var model))
        {
            problem = _problem;
            return false;
        }

        scan = new RequestScan
        {
            Model = model,
            ModelRange = _model,
            EarlierModelRanges = _earlierModels?.ToArray(),
            NamesOtherModels = _namesOtherModels,
            ListsWebSearch = _listsWebSearch,
            Stream = _stream ?? false,
            StreamOptions = _streamOptions,
            NullStreamOptions = _nullStreamOptions,
            IncludeUsage = _includeUsage,
            OutputBound = _isUnbounded ? null : _outputBound,
            IsUnbounded = _isUnbounded,
            Choices = (long)Int128.Min((Int128)(_choices ?? 1) * _prompts, long.MaxValue),
            InputTextBytes = _inputTextBytes,
            HasMessages = _hasMessages,
            HasUnboundedInput = _hasUnboundedInput,
            ServiceTier = _serviceTier,
            IsBackground = _isBackground,
            InsertOffset = insertOffset,
            IsEmptyObject = isEmpty,
            Noted = _noted,
            Renames = _renames,
            InOtherCase = _inOtherCase,
            RequiredAbilities = _requiredAbilities,
            Labels = _labels,
            StoredIds = _innerStoredIds is null ? _storedIds : [.. (_storedIds ?? []).Union(_innerStoredIds)],
            PromptPrefix = _prefix,
        };
        return true;
    }

    private bool TryReadFields(out int insertOffset, out bool isEmpty)
    {
        isEmpty = true;
        _reader.Read();
        insertOffset = _start + (int)_reader.BytesConsumed;
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            return Refuse("The request body must be a JSON object.", null);
        }

        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            var field = RequestFields.Identify(ref _reader);
            if (_notedFields != NotedFields.None)
            {
                if (!TryReadNoted(field))
                {
                    return false;
                }

                continue;
            }

            _reader.Read();
            if (!TryReadField(field))
            {
                return false;
            }
        }

        // The reader refuses trailing content only when it reads past the closing brace, so one more read is needed.
        return !_reader.Read();
    }

    private bool TryReadField(RequestField field)
    {
        switch (field)
        {
            case RequestField.Model:
                return TryReadModel();
            case RequestField.ModelInOtherCase or RequestField.ModelsInOtherCase when !Checks(CheckedFields.Model):
                _namesOtherModels = true;
                goto default;
            case RequestField.ModelInOtherCase:
                // Some providers ignore letter case and would read this as the model.
                return Refuse("The property 'model' must be written in lower case.", "model");
            case RequestField.Models:
                ReadModels();
                return true;
            case RequestField.ModelsInOtherCase:
                return Refuse("The property 'models' must be written in lower case.", "models");
            case RequestField.Unreadable:
                return Refuse($"A property name ending at byte {_start + _reader.TokenStartIndex} is not valid Unicode.", null);
            case RequestField.Stream:
                return TryReadBoolean("stream", CheckedFields.Stream, out _stream);
            case RequestField.StreamOptions:
                return TryReadStreamOptions();
            case RequestField.MaxTokens:
                return TryReadBound("max_tokens", CheckedFields.MaxTokens);
            case RequestField.MaxOutputTokens:
                return TryReadBound("max_output_tokens", CheckedFields.MaxOutputTokens);
            case RequestField.MaxCompletionTokens:
                return TryReadBound("max_completion_tokens", CheckedFields.MaxCompletionTokens);
            case RequestField.Choices:
                return TryReadLargest("n", CheckedFields.Choices, 1, ref _choices);
            case RequestField.BestOf:
                return TryReadLargest("best_of", CheckedFields.BestOf, 1, ref _choices);
            case RequestField.Messages when _reader.TokenType != JsonTokenType.StartArray && Checks(CheckedFields.Messages):
                return Refuse("'messages' must be an array.", "messages");
            case RequestField.Messages:
                _hasMessages = true;
                goto case RequestField.TextOrTokens;
            case RequestField.Instructions:
            case RequestField.System:
            case RequestField.Functions:
            case RequestField.TextOrTokens:
            case RequestField.Prompt:
                ReadText(field);
                return true;
            case RequestField.Temperature:
                ReadText(RequestField.Unknown);
                return true;
            case RequestField.Elsewhere:
                _hasUnboundedInput |= _reader.TokenType != JsonTokenType.Null;
                goto default;
            case RequestField.OtherRun:
                _namesOtherModels |= _reader.TokenType != JsonTokenType.Null;
                goto default;
            case RequestField.ServiceTier when _reader is { TokenType: JsonTokenType.String, ValueSpan.Length: <= MaxEscapedTierLength }:
                return TryReadServiceTier();
            case RequestField.Background:
                // If "background" repeats, providers differ in which occurrence they use, and in which values they read as true.
                _isBackground |= _reader.TokenType is not (JsonTokenType.False or JsonTokenType.Null);
                goto default;
            case RequestField.User or RequestField.Metadata or RequestField.PromptCacheKey when Notes(NotedFields.Labels):
                ReadLabel(field);
                return true;
            case RequestField.ServiceTier or RequestField.ForNoModel or RequestField.User or RequestField.Metadata or RequestField.PromptCacheKey:
                _reader.Skip();
                return true;
            default:
                // The text of unknown fields counts as input too: a provider that ignores a field today may pass it to a model tomorrow.
                ReadText(field);
                return true;
        }
    }
}
