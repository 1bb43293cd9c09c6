using System.Text.Json;

namespace Cencori.Edge.Storage;

/// <summary>One column of <c>request_records</c>, which is one member of <see cref="RequestRecord"/>.</summary>
/// <param name="tag">Its number in the spool. It is never changed, and never given to another.</param>
/// <param name="name">As the member is called; in snake_case it is what the administration calls it.</param>
/// <param name="kind">What it holds.</param>
/// <param name="isNullable">A record may have none.</param>
/// <param name="get">Reads it.</param>
/// <param name="set">Makes it what was read back.</param>
public sealed class RecordColumn(int tag, string name, RecordKind kind, bool isNullable, Func<RequestRecord, RecordValue> get, Action<RequestRecord, RecordValue> set)
{
    public int Tag { get; } = tag;

    /// <summary>As the database calls it.</summary>
    public string Name { get; init; } = name;

    public RecordKind Kind { get; } = kind;

    public bool IsNullable { get; } = isNullable;

    /// <summary>As the administration calls it.</summary>
    public string Member { get; } = JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    /// <summary>Of a <see cref="RecordKind.Choice"/>, by number.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>In bytes; 0: that depends.</summary>
    public int Width => Kind switch
    {
        RecordKind.Time or RecordKind.Number or RecordKind.Money => sizeof(long),
        RecordKind.Name or RecordKind.Count => sizeof(int),
        RecordKind.Small or RecordKind.Choice => sizeof(short),
        RecordKind.Flag => sizeof(bool),
        _ => 0,
    };

    public bool IsText => Kind is RecordKind.Text or RecordKind.Name or RecordKind.RequestId or RecordKind.Json;

    /// <summary>In which the database keeps it.</summary>
    public Type StoredType => Kind switch
    {
        RecordKind.Text or RecordKind.Json => typeof(string),
        RecordKind.RequestId => typeof(byte[]),
        RecordKind.Name or RecordKind.Count => Nullable(typeof(int), typeof(int?)),
        RecordKind.Small or RecordKind.Choice => Nullable(typeof(short), typeof(short?)),
        RecordKind.Flag => Nullable(typeof(bool), typeof(bool?)),
        _ => Nullable(typeof(long), typeof(long?)),
    };

    public RecordValue Get(RequestRecord record) => get(record);

    public void Set(RequestRecord record, RecordValue value) => set(record, value);

    private Type Nullable(Type plain, Type nullable) => IsNullable ? nullable : plain;
}
