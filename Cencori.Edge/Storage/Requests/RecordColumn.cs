using System.Text.Json;

namespace Cencori.Edge.Storage.Requests;

/// <summary>One column of <c>request_records</c>. It stores one member of <see cref="RequestRecord"/>.</summary>
/// <param name="tag">Number of the column in the spool (files with records that are not in the database yet). Never changed and never reused.</param>
/// <param name="name">Name of the member. The administration API uses it in snake_case.</param>
/// <param name="kind">Kind of values in the column.</param>
/// <param name="isNullable">True when a value may be null.</param>
/// <param name="get">Reads the member.</param>
/// <param name="set">Sets the member to a stored value.</param>
public sealed class RecordColumn(int tag, string name, RecordKind kind, bool isNullable, Func<RequestRecord, RecordValue> get, Action<RequestRecord, RecordValue> set)
{
    public int Tag { get; } = tag;

    /// <summary>Name of the column in the database.</summary>
    public string Name { get; init; } = name;

    public RecordKind Kind { get; } = kind;

    public bool IsNullable { get; } = isNullable;

    /// <summary>Name of the member in the administration API.</summary>
    public string Member { get; } = JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    /// <summary>The words of a <see cref="RecordKind.Choice"/>. A word's index is the stored number.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Size of a value, in bytes. 0: variable.</summary>
    public int Width => Kind switch
    {
        RecordKind.Time or RecordKind.Number or RecordKind.Money => sizeof(long),
        RecordKind.Name or RecordKind.Count => sizeof(int),
        RecordKind.Small or RecordKind.Choice => sizeof(short),
        RecordKind.Flag => sizeof(bool),
        _ => 0,
    };

    public bool IsText => Kind is RecordKind.Text or RecordKind.Name or RecordKind.RequestId or RecordKind.Json;

    /// <summary>Type of the column in the database.</summary>
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
