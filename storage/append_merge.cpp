#include "storage/append_merge.hpp"

namespace socai::storage {
namespace {

class AppendOperator : public rocksdb::MergeOperator {
  public:
    const char* Name() const override { return "socai.append"; }

    bool FullMergeV2(const MergeOperationInput& input, MergeOperationOutput* output) const override {
        std::size_t size = input.existing_value != nullptr ? input.existing_value->size() : 0;
        for (const rocksdb::Slice& operand : input.operand_list) size += operand.size();
        output->new_value.reserve(size);
        if (input.existing_value != nullptr) {
            output->new_value.assign(input.existing_value->data(), input.existing_value->size());
        }
        for (const rocksdb::Slice& operand : input.operand_list) {
            output->new_value.append(operand.data(), operand.size());
        }
        return true;
    }

    bool PartialMergeMulti(const rocksdb::Slice&, const std::deque<rocksdb::Slice>& operands,
                           std::string* value, rocksdb::Logger*) const override {
        value->clear();
        for (const rocksdb::Slice& operand : operands) value->append(operand.data(), operand.size());
        return true;
    }
};

}  // namespace

std::shared_ptr<rocksdb::MergeOperator> make_append_operator() {
    return std::make_shared<AppendOperator>();
}

}  // namespace socai::storage
